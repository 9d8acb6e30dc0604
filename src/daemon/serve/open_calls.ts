/**
 * Room `daemon`: the calls of one client that are not answered yet.
 *
 * @module
 */
import type { MethodKind } from "../../service/methods.ts";

/** Calls of one client at once: a host with this many open waits is lost in a loop. */
export const MAX_OPEN_CALLS = 1_000;

interface OpenCall {
  kind: MethodKind;
  controller: AbortController;
  answered: Promise<void>;
}

export class OpenCalls {
  readonly #calls = new Map<number, OpenCall>();

  get isFull(): boolean {
    return this.#calls.size >= MAX_OPEN_CALLS;
  }

  has(id: number): boolean {
    return this.#calls.has(id);
  }

  ids(): readonly number[] {
    return [...this.#calls.keys()];
  }

  /**
   * Keeps the call for as long as `run` takes.
   *
   * @param run answers the call, also when its signal is aborted, and never rejects.
   */
  begin(id: number, kind: MethodKind, run: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController();
    const answered = run(controller.signal).finally(() => this.#calls.delete(id));
    this.#calls.set(id, { kind, controller, answered });
  }

  /** Tells the call that nobody waits for its answer any more; one that is not there has been answered. */
  giveUpOne(id: number): void {
    this.#calls.get(id)?.controller.abort();
  }

  /** The same for all calls, or for those of one kind. */
  giveUp(kind?: MethodKind): void {
    for (const call of this.#calls.values()) {
      if (kind === undefined || call.kind === kind) call.controller.abort();
    }
  }

  /** Resolves when all calls that are open now have been answered. */
  async answered(): Promise<void> {
    await Promise.all([...this.#calls.values()].map((call) => call.answered));
  }
}
