/**
 * Room `cli`, the monitor: the terminal as an interface.
 *
 * @module
 */
import type { Size } from "./transcript.ts";

export interface TerminalEvents {
  resized(): void;
  /** Somebody else asks for it to be suspended. */
  suspended(): void;
  /** Goes on after it was stopped: others may have changed the terminal meanwhile. */
  continued(): void;
  /** The program is asked to end, or its terminal has gone. */
  ended(signal: "SIGTERM" | "SIGHUP"): void;
}

export interface Terminal {
  readonly size: Size;
  /** Takes the whole screen and every key. Again and again does no harm. */
  enter(): void;
  /** Gives the terminal back as it was. Never throws; without an effect when it has been given back. */
  leave(): void;
  write(text: string): Promise<void>;
  /** The next bytes, or `null` at the end. */
  read(): Promise<Uint8Array | null>;
  /** Until it is disposed of. */
  listen(events: TerminalEvents): Disposable;
  /** Stops this process, until somebody makes it go on. */
  stop(): void;
}
