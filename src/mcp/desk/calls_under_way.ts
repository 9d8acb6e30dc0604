/**
 * Room `mcp`: the books of the requests that have no answer yet.
 *
 * @module
 */
import type { RequestId } from "./json_rpc.ts";

/**
 * Calls that one host may have under way. More are refused; reading goes on all the same, so that the cancellation of a
 * call always gets through.
 */
export const MAX_CALLS_IN_FLIGHT = 256;

export class CallsUnderWay {
  readonly #ids = new Set<RequestId>();
  #idle: (() => void)[] = [];

  /** @returns `false` when there are too many already. */
  admit(id: RequestId): boolean {
    if (this.#ids.size >= MAX_CALLS_IN_FLIGHT) return false;
    this.#ids.add(id);
    return true;
  }

  /** The call was answered or cancelled. */
  settle(id: RequestId): void {
    this.#ids.delete(id);
    if (this.#ids.size === 0) this.#wake();
  }

  /** Gives up all of them. */
  clear(): void {
    this.#ids.clear();
    this.#wake();
  }

  /** Resolves when every call has been answered, cancelled or given up. */
  async settled(): Promise<void> {
    while (this.#ids.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
