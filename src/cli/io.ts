/**
 * Room `cli`: the terminal as an interface. stdout is for results, and everything else goes to stderr. A text that an
 * agent wrote is
 * printed to a terminal only as plain text.
 *
 * @module
 */
import type { Clock } from "../system/clock.ts";

export interface Output {
  /**
   * @throws Deno.errors.BrokenPipe when the reader has closed the pipe.
   * @throws CommandError when the text cannot be written for another reason.
   */
  write(text: string): Promise<void>;
  readonly isTerminal: boolean;
  /** The current width in cells. */
  readonly columns: number;
  /** The raw stream, for a protocol such as MCP that uses all of it. */
  readonly stream: WritableStream<Uint8Array>;
}

export interface Input {
  readonly isTerminal: boolean;
  /**
   * Reads the input to its end. Bytes that are not UTF-8 are replaced, as `TextDecoder` does.
   *
   * @throws TypeError for bytes that are not UTF-8, when `fatal` is set.
   */
  readText(options?: { fatal: boolean }): Promise<string>;
  /** The next line without its newline, or `null` at the end. */
  readLine(): Promise<string | null>;
  readonly stream: ReadableStream<Uint8Array>;
}

/** What the operating system gives to a command line program. Tests give their own. */
export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string>>;
  /**
   * The current directory, as an absolute path.
   *
   * @throws CommandError when the directory has been removed, or its path is not UTF-8.
   */
  readonly cwd: string;
  /** Calls `callback` at each Ctrl-C until the result is disposed of. */
  onInterrupt(callback: () => void): Disposable;
  readonly clock: Clock;
}
