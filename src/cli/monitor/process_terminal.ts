/**
 * Room `cli`, the monitor: the real terminal. Rule of this file: whatever ends the program, the terminal is restored.
 *
 * @module
 */
import type { Terminal, TerminalEvents } from "./terminal.ts";
import type { Size } from "./transcript.ts";

/** Alternate screen, hidden cursor, no wrapping at the last column, pastes marked as such. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h";
/** Undoes `ENTER`, and ends a synchronized update that was cut short. */
const LEAVE = "\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l";

const DEFAULT_SIZE: Size = { columns: 80, rows: 24 };

/** Bytes of one read: a long paste comes in several. */
const READ_BYTES = 65_536;

export class ProcessTerminal implements Terminal, Disposable {
  #isEntered = false;
  readonly #buffer = new Uint8Array(READ_BYTES);
  readonly #encoder = new TextEncoder();
  readonly #leave = () => this.leave();

  constructor() {
    // Restores the terminal after an uncaught error, and after an exit from anywhere.
    for (const type of LAST_WORDS) globalThis.addEventListener(type, this.#leave);
  }

  get size(): Size {
    try {
      const { columns, rows } = Deno.consoleSize();
      return columns > 0 && rows > 0 ? { columns, rows } : DEFAULT_SIZE;
    } catch {
      return DEFAULT_SIZE;
    }
  }

  enter(): void {
    this.#isEntered = true;
    Deno.stdin.setRaw(true);
    this.#writeSync(ENTER);
  }

  leave(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    // Both fail when the terminal has gone, and then nobody sees it.
    quietly(() => this.#writeSync(LEAVE));
    quietly(() => Deno.stdin.setRaw(false));
  }

  async write(text: string): Promise<void> {
    let rest = this.#encoder.encode(text);
    while (rest.length > 0) rest = rest.subarray(await Deno.stdout.write(rest));
  }

  async read(): Promise<Uint8Array | null> {
    const length = await Deno.stdin.read(this.#buffer);
    return length === null ? null : this.#buffer.slice(0, length);
  }

  listen(events: TerminalEvents): Disposable {
    if (Deno.build.os === "windows") return { [Symbol.dispose]: () => {} };
    const handlers: [Deno.Signal, () => void][] = [
      ["SIGWINCH", () => events.resized()],
      ["SIGTSTP", () => events.suspended()],
      ["SIGCONT", () => events.continued()],
      ["SIGTERM", () => events.ended("SIGTERM")],
      ["SIGHUP", () => events.ended("SIGHUP")],
    ];
    for (const [signal, handler] of handlers) Deno.addSignalListener(signal, handler);
    return {
      [Symbol.dispose]: () => {
        for (const [signal, handler] of handlers) Deno.removeSignalListener(signal, handler);
      },
    };
  }

  stop(): void {
    if (Deno.build.os !== "windows") Deno.kill(Deno.pid, "SIGSTOP");
  }

  [Symbol.dispose](): void {
    this.leave();
    for (const type of LAST_WORDS) globalThis.removeEventListener(type, this.#leave);
  }

  #writeSync(text: string): void {
    let rest = this.#encoder.encode(text);
    while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
  }
}

const LAST_WORDS = ["unload", "error", "unhandledrejection"] as const;

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Ignored, for the reason that the caller gives.
  }
}
