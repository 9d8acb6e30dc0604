/**
 * Room `kernel`: reads lines of a file from any offset, forwards or backwards. So recovery and a page of events cost
 * the same in a large file as in a small one. Text behind the last newline is not a line.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

const NEWLINE = 0x0a;

/** Bytes of the first read around an offset when a newline is searched; doubled until one is found. */
const WINDOW_BYTES = 4 * 1024;

/** Bytes per read when lines are read one after the other. */
const BLOCK_BYTES = 256 * 1024;

/**
 * Errors that mean "no such file". An agent can take the permissions of its job's files, or put a directory or a broken
 * link in their place.
 */
const NO_FILE: ReadonlySet<string> = new Set(["ENOENT", "EACCES", "EISDIR", "ELOOP", "ENOTDIR"]);

const EMPTY: Buffer = Buffer.alloc(0);

export interface Line {
  /** Offset of the line's first byte. */
  start: number;
  /** Offset behind the line's newline. */
  end: number;
}

/** A file as it was when it was opened: bytes that are appended later are not seen. */
export class LineFile implements Disposable {
  readonly #descriptor: number;
  /** Bytes up to the end of the last whole line. */
  readonly size: number;
  /** Bytes of the file, an unfinished last line included. */
  readonly fileBytes: number;

  private constructor(path: string) {
    this.#descriptor = openSync(path, "r");
    try {
      this.fileBytes = fstatSync(this.#descriptor).size;
      this.size = this.#newlineBefore(this.fileBytes) + 1;
    } catch (error) {
      closeSync(this.#descriptor);
      throw error;
    }
  }

  /** Opens the file; `null` when it is missing, cannot be read, or is no regular file. */
  static open(path: string): LineFile | null {
    try {
      return statSync(path).isFile() ? new LineFile(path) : null;
    } catch (error) {
      if (error instanceof Error && "code" in error && NO_FILE.has(String(error.code))) return null;
      throw error;
    }
  }

  /** The line whose end is the offset `end`; `null` when that is the beginning of the file. */
  lineBefore(end: number): Line | null {
    return end <= 0 ? null : { start: this.#newlineBefore(end - 1) + 1, end };
  }

  /** The first line that begins at `offset` or later; `null` when there is none. */
  lineFrom(offset: number): Line | null {
    const start = offset <= 0 ? 0 : this.#newlineFrom(offset - 1) + 1;
    return start >= this.size ? null : { start, end: this.#newlineFrom(start) + 1 };
  }

  /** The bytes from offset `start` to before `end`; fewer where the file ends. */
  bytes(start: number, end: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(0, end - start));
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(this.#descriptor, bytes, length, bytes.length - length, start + length);
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  }

  /**
   * All lines from `offset` on, at which a line must begin. `bytes` is the line without its newline. It may be
   * overwritten when the next line is asked for.
   */
  *linesFrom(offset: number): Generator<Line & { bytes: Buffer }> {
    let block = EMPTY;
    for (let start = offset; start < this.size;) {
      const length = block.indexOf(NEWLINE);
      if (length >= 0) {
        const end = start + length + 1;
        yield { start, end, bytes: block.subarray(0, length) };
        block = block.subarray(length + 1);
        start = end;
      } else {
        // For a line longer than a block, each read is twice as long as the last one.
        const wanted = Math.max(BLOCK_BYTES, block.length * 2);
        const larger = this.bytes(start, Math.min(this.size, start + wanted));
        if (larger.length <= block.length) return;
        block = larger;
      }
    }
  }

  /** The text of a line, without its newline. */
  text(line: Line): string {
    return this.bytes(line.start, line.end - 1).toString("utf8");
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  /** Offset of the last newline before `end`, or -1. */
  #newlineBefore(end: number): number {
    let window = WINDOW_BYTES;
    for (let high = end; high > 0; window *= 2) {
      const low = Math.max(0, high - window);
      const found = this.bytes(low, high).lastIndexOf(NEWLINE);
      if (found >= 0) return low + found;
      high = low;
    }
    return -1;
  }

  /** Offset of the first newline at `start` or later; the last byte of the last line when there is none. */
  #newlineFrom(start: number): number {
    let window = WINDOW_BYTES;
    for (let low = start; low < this.size; window *= 2) {
      const bytes = this.bytes(low, Math.min(this.size, low + window));
      const found = bytes.indexOf(NEWLINE);
      if (found >= 0) return low + found;
      if (bytes.length === 0) break;
      low += bytes.length;
    }
    return this.size - 1;
  }
}
