/**
 * Room `store`: waiting for new feed entries. One `kv.watch` serves all waiting readers: every watch stream adds one
 * read to each commit, which 100 waiting calls would feel.
 *
 * @module
 */
import { countOf } from "./records/codec.ts";
import { readFeedHead } from "./feed.ts";
import { FEED_HEAD_KEY } from "./records/keys.ts";

export class FeedWatch {
  readonly #kv: Deno.Kv;
  readonly #waiting = new Set<() => void>();
  #head = 0;
  #failure: { error: unknown } | null = null;
  #stop: (() => void) | null = null;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** The newest feed cursor that the watch has reported; 0 before any. */
  get head(): number {
    return this.#head;
  }

  /**
   * Yields the feed's newest cursor at once and after each change. Cursors in between may be skipped. Ends with the
   * signal.
   *
   * @throws whatever `kv.watch` fails with
   */
  async *heads(signal: AbortSignal): AsyncGenerator<number> {
    if (signal.aborted) return;
    let wake = () => {};
    const waiter = () => wake();
    signal.addEventListener("abort", waiter, { once: true });
    this.#join(waiter);
    try {
      let seen = await readFeedHead(this.#kv);
      this.#head = Math.max(this.#head, seen);
      while (!signal.aborted) {
        yield seen;
        while (this.#head <= seen && !signal.aborted) {
          if (this.#failure !== null) throw this.#failure.error;
          await new Promise<void>((resolve) => wake = resolve);
        }
        seen = this.#head;
      }
    } finally {
      signal.removeEventListener("abort", waiter);
      this.#leave(waiter);
    }
  }

  #join(waiter: () => void): void {
    this.#waiting.add(waiter);
    if (this.#stop === null) this.#start();
  }

  #leave(waiter: () => void): void {
    this.#waiting.delete(waiter);
    if (this.#waiting.size === 0) this.#stop?.();
  }

  #start(): void {
    const reader = this.#kv.watch<[Deno.KvU64]>([FEED_HEAD_KEY]).getReader();
    const stop = () => {
      if (this.#stop === stop) this.#stop = null;
      reader.cancel().catch(() => undefined);
    };
    this.#stop = stop;
    this.#failure = null;
    this.#pump(reader).catch((error) => {
      if (this.#stop !== stop) return;
      this.#stop = null;
      this.#failure = { error };
      this.#wakeAll();
    });
  }

  async #pump(reader: ReadableStreamDefaultReader<[Deno.KvEntryMaybe<Deno.KvU64>]>): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#head = Math.max(this.#head, countOf(value[0]));
      this.#wakeAll();
    }
  }

  #wakeAll(): void {
    for (const waiter of this.#waiting) waiter();
  }
}
