/**
 * Room `cli`: the terminal as an interface. Rule of the room: stdout is for results, everything else goes to stderr,
 * and a text that an agent wrote meets a terminal only as plain text.
 *
 * @module
 */
import type { Clock } from "../system/clock.ts";

export interface Output {
  /** @throws Deno.errors.BrokenPipe when the reader has gone, CommandError for what else keeps it from being written. */
  write(text: string): Promise<void>;
  readonly isTerminal: boolean;
  /** Width in characters, now. */
  readonly columns: number;
  /** For the protocol, which owns the whole stream. */
  readonly stream: WritableStream<Uint8Array>;
}

export interface Input {
  readonly isTerminal: boolean;
  /**
   * Everything up to the end. What is no UTF-8 is replaced, as `TextDecoder` does.
   *
   * @throws TypeError for what is no UTF-8, with `fatal`.
   */
  readText(options?: { fatal: boolean }): Promise<string>;
  /** The next line without its newline, or `null` at the end. */
  readLine(): Promise<string | null>;
  readonly stream: ReadableStream<Uint8Array>;
}

/** What a command line program is given by the system; tests give something else. */
export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. @throws CommandError when it has been removed or cannot be written as text. */
  readonly cwd: string;
  /** Calls back at each Ctrl-C until disposed of. */
  onInterrupt(callback: () => void): Disposable;
  readonly clock: Clock;
}
