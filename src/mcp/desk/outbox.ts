/**
 * Room `mcp`: the one writer of stdout. What a host does not read is kept up to a limit; beyond it the desk stops
 * taking in, so that a host which never reads cannot make this process grow.
 *
 * @module
 */
import { strictJson } from "../../domain/reading/strict_json.ts";

/** Unread bytes at which no further message is taken in. */
export const CONGESTED_BYTES = 4 * 1024 * 1024;

export class Outbox {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #gone = new AbortController();
  #unreadBytes = 0;
  #last: Promise<void> = Promise.resolve();
  #waiting: (() => void)[] = [];

  constructor(output: WritableStream<Uint8Array>) {
    this.#writer = output.getWriter();
    // A host that has gone is no fault to be thrown about; `gone` tells it.
    this.#writer.closed.catch(() => this.#lose());
  }

  /** Aborted when nobody can read any more. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  get isCongested(): boolean {
    return this.#unreadBytes > CONGESTED_BYTES;
  }

  /** Resolves when the message has been handed to the system, or the host is gone. Never rejects. */
  send(message: unknown): Promise<void> {
    this.#last = this.#write(message);
    return this.#last;
  }

  async #write(message: unknown): Promise<void> {
    if (this.#gone.signal.aborted) return;
    const bytes = this.#encoder.encode(`${strictJson(message)}\n`);
    this.#unreadBytes += bytes.length;
    try {
      await this.#writer.write(bytes);
    } catch {
      this.#lose();
    } finally {
      this.#unreadBytes -= bytes.length;
      if (!this.isCongested) this.#release();
    }
  }

  /** Resolves when everything sent so far has been taken, or the host is gone. */
  async flushed(): Promise<void> {
    await this.#last;
  }

  /** Resolves when there is room again, or the host is gone, or `signal` is aborted. */
  room(signal: AbortSignal): Promise<void> {
    if (!this.isCongested || this.#gone.signal.aborted || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener("abort", done);
        resolve();
      };
      signal.addEventListener("abort", done, { once: true });
      this.#waiting.push(done);
    });
  }

  #lose(): void {
    this.#gone.abort();
    this.#release();
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
