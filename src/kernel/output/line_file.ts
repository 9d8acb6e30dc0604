/**
 * Room `kernel`: reads lines of a file from any place, so that neither recovery nor a page costs more in a large file
 * than in a small one. Only lines that end with a newline exist.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

const NEWLINE = 0x0a;

/** Bytes of the first look around a place; it doubles for longer lines. */
const WINDOW_BYTES = 4 * 1024;

/** Bytes read at once by who reads on. */
const BLOCK_BYTES = 256 * 1024;

/** An agent can close its job's files to us, or put a directory or a link that leads nowhere in their place. */
const NO_FILE: ReadonlySet<string> = new Set(["ENOENT", "EACCES", "EISDIR", "ELOOP", "ENOTDIR"]);

const EMPTY: Buffer = Buffer.alloc(0);

export interface Line {
  /** Offset of its first byte. */
  start: number;
  /** Offset behind its newline. */
  end: number;
}

export class LineFile implements Disposable {
  readonly #descriptor: number;
  /** Bytes of whole lines when it was opened; what is appended later is not seen. */
  readonly size: number;
  /** Bytes of the file, a torn last line included. */
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

  /** `null` when there is no such file, or something else in its place. */
  static open(path: string): LineFile | null {
    try {
      return statSync(path).isFile() ? new LineFile(path) : null;
    } catch (error) {
      if (error instanceof Error && "code" in error && NO_FILE.has(String(error.code))) return null;
      throw error;
    }
  }

  /** The line that ends at `end`, or `null` at the beginning of the file. */
  lineBefore(end: number): Line | null {
    return end <= 0 ? null : { start: this.#newlineBefore(end - 1) + 1, end };
  }

  /** The first line that begins at `offset` or later, or `null`. */
  lineFrom(offset: number): Line | null {
    const start = offset <= 0 ? 0 : this.#newlineFrom(offset - 1) + 1;
    return start >= this.size ? null : { start, end: this.#newlineFrom(start) + 1 };
  }

  /** Bytes from `start` to `end`, fewer at the end of the file. */
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
   * The lines from the one that begins at `offset` on, with their bytes but without their newlines; the bytes are good
   * until the next line is asked for.
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
        // Twice what is there already, for a line that is longer than a block.
        const wanted = Math.max(BLOCK_BYTES, block.length * 2);
        const larger = this.bytes(start, Math.min(this.size, start + wanted));
        if (larger.length <= block.length) return;
        block = larger;
      }
    }
  }

  /** The line without its newline. */
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
