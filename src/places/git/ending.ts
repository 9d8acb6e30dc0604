/**
 * Room `places`: ends a process early.
 *
 * @module
 */

/** Ends a child once: after a time, by a signal, or on request. */
export class Ending implements Disposable {
  cause: "timed_out" | "aborted" | "full" | null = null;
  readonly #child: Deno.ChildProcess;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #signal: AbortSignal | undefined;
  readonly #abort = () => this.end("aborted");

  constructor(child: Deno.ChildProcess, { ms, signal }: { ms: number; signal: AbortSignal | undefined }) {
    this.#child = child;
    this.#timer = setTimeout(() => this.end("timed_out"), ms);
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  end(cause: "timed_out" | "aborted" | "full"): void {
    this.cause ??= cause;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#abort);
  }
}
