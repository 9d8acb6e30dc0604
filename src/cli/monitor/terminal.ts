/**
 * Room `cli`, the monitor: the terminal as an interface.
 *
 * @module
 */
import type { Size } from "./transcript.ts";

export interface TerminalEvents {
  resized(): void;
  /** Another process asks the program to suspend itself (SIGTSTP). */
  suspended(): void;
  /** The program goes on after a stop (SIGCONT). Others may have changed the terminal meanwhile. */
  continued(): void;
  /** The program is asked to end, or its terminal has gone. */
  ended(signal: "SIGTERM" | "SIGHUP"): void;
}

export interface Terminal {
  readonly size: Size;
  /** Takes the whole screen and every key. Harmless when repeated. */
  enter(): void;
  /** Restores the terminal. Never throws; does nothing when it has been restored. */
  leave(): void;
  write(text: string): Promise<void>;
  /** The next bytes, or `null` at the end. */
  read(): Promise<Uint8Array | null>;
  /** Calls `events` until the result is disposed of. */
  listen(events: TerminalEvents): Disposable;
  /** Stops this process until a SIGCONT makes it go on. */
  stop(): void;
}
