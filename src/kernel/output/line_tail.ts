/**
 * Room `kernel`: reads whole lines of a file that still grows. Only whole lines are decoded, so no character is split.
 * Memory is bounded by the longest line that is accepted.
 *
 * @module
 */
import { openIfOurs } from "../../system/files/files.ts";
import { isThere } from "../../system/files/is_there.ts";

/** Bytes per read: large enough that the cost of a call does not matter, small enough not to block other work. */
const CHUNK_BYTES = 256 * 1024;

const NEWLINE = 0x0a;

/**
 * Takes one line without its newline (or CR and newline), the offset in bytes at which the line begins, and that at
 * which it ends, newline included.
 */
export type LineSink = (line: string, startOffset: number, endOffset: number) => void;

export interface TailProgress {
  /** Bytes that this call has read. */
  bytes: number;
  /** Whether the end of the file was reached. */
  caughtUp: boolean;
}

/** A reader of one growing file. It opens the file when it first reads; `close` must be called in the end. */
export class LineTail implements Disposable {
  readonly #path: string;
  readonly #maxLineBytes: number;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #file: Deno.FsFile | null = null;
  #buffer = new Uint8Array(CHUNK_BYTES);
  /** Bytes of the unfinished last line, kept at the start of the buffer. */
  #held = 0;
  /** Bytes of the unfinished last line that were not kept, because it is too long. */
  #dropped = 0;
  #offset = 0;
  #skippedBytes = 0;
  #isClosed = false;

  /** @param options.maxLineBytes a longer line is replaced by a short text that names its size */
  constructor(path: string, options: { maxLineBytes: number }) {
    this.#path = path;
    this.#maxLineBytes = options.maxLineBytes;
  }

  /** Offset in bytes of the first line that the sink has not taken. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes of all lines that were replaced because they were too long. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /** Bytes read so far, those of the unfinished last line included. */
  get readBytes(): number {
    return this.#offset + this.#held + this.#dropped;
  }

  /** Whether the file's size differs from the bytes read so far. @throws what the file system says */
  hasNews(): boolean {
    const file = this.#open();
    if (file === null) return false;
    // Without news the end is where it has read to.
    if (file.seekSync(0, Deno.SeekMode.End) === this.readBytes) return false;
    file.seekSync(this.readBytes, Deno.SeekMode.Start);
    return true;
  }

  /**
   * Reads at most `maxBytes` bytes and hands the lines that they complete to the sink. A file that does not exist yet
   * counts as empty. When the sink throws, so does this call, and the next one begins with the same line.
   */
  read(sink: LineSink, maxBytes: number): TailProgress {
    const file = this.#open();
    let bytes = 0;
    while (file !== null && bytes < maxBytes) {
      this.#makeRoom();
      const wanted = Math.min(CHUNK_BYTES, maxBytes - bytes);
      const read = file.readSync(this.#buffer.subarray(this.#held, this.#held + wanted));
      if (read === null || read === 0) return { bytes, caughtUp: true };
      bytes += read;
      this.#take(sink, read);
    }
    return { bytes, caughtUp: file === null };
  }

  /**
   * Hands out the text behind the last newline as a line, for a file that will not grow any more. Call `read` until it
   * has caught up first.
   */
  finish(sink: LineSink): void {
    if (this.#held + this.#dropped === 0) return;
    this.#deliver(sink, this.#buffer.subarray(0, this.#held), 0);
    this.#held = 0;
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
    this.#isClosed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): Deno.FsFile | null {
    if (this.#file === null && !this.#isClosed && isThere(this.#path)) this.#file = openIfOurs(this.#path);
    return this.#file;
  }

  /** Hands out the lines that `added` new bytes in the buffer complete, and keeps the rest. */
  #take(sink: LineSink, added: number): void {
    const bytes = this.#buffer.subarray(0, this.#held + added);
    const last = bytes.subarray(this.#held).lastIndexOf(NEWLINE);
    const end = last < 0 ? 0 : this.#held + last + 1;
    try {
      this.#handOut(sink, bytes.subarray(0, end));
    } catch (error) {
      this.#rewind();
      throw error;
    }
    this.#hold(bytes.subarray(end));
  }

  /**
   * Hands out whole lines. All are decoded in one call where each byte is one character, which is nearly always so.
   * Then an index in the text is also an offset in the bytes. Otherwise the lines are decoded one by one.
   */
  #handOut(sink: LineSink, lines: Uint8Array): void {
    const mayBeTooLong = this.#dropped + lines.length > this.#maxLineBytes;
    const text = mayBeTooLong ? "" : this.#decoder.decode(lines);
    if (text.length !== lines.length) return this.#handOutEach(sink, lines);
    for (let start = 0; start < text.length;) {
      const end = text.indexOf("\n", start);
      const next = this.#offset + end + 1 - start;
      sink(withoutReturn(text.slice(start, end)), this.#offset, next);
      this.#offset = next;
      start = end + 1;
    }
  }

  #handOutEach(sink: LineSink, lines: Uint8Array): void {
    for (let start = 0; start < lines.length;) {
      const end = lines.indexOf(NEWLINE, start);
      this.#deliver(sink, lines.subarray(start, end), 1);
      start = end + 1;
    }
  }

  #deliver(sink: LineSink, line: Uint8Array, endingBytes: number): void {
    const length = this.#dropped + line.length;
    const isTooLong = length > this.#maxLineBytes;
    const text = isTooLong
      ? placeholder(length, this.#maxLineBytes)
      : withoutReturn(this.#decoder.decode(line));
    sink(text, this.#offset, this.#offset + length + endingBytes);
    if (isTooLong) this.#skippedBytes += length;
    this.#dropped = 0;
    this.#offset += length + endingBytes;
  }

  #hold(rest: Uint8Array): void {
    this.#held = 0;
    if (this.#dropped > 0 || rest.length > this.#maxLineBytes) {
      this.#dropped += rest.length;
      return;
    }
    this.#buffer.copyWithin(0, rest.byteOffset, rest.byteOffset + rest.length);
    this.#held = rest.length;
  }

  /** Goes back to the line for which the sink has thrown. */
  #rewind(): void {
    this.#held = 0;
    this.#dropped = 0;
    this.#file?.seekSync(this.#offset, Deno.SeekMode.Start);
  }

  #makeRoom(): void {
    const needed = this.#held + CHUNK_BYTES;
    if (needed <= this.#buffer.length) {
      // A buffer that grew for a long line is replaced by one of the usual size.
      if (this.#held > 0 || this.#buffer.length === CHUNK_BYTES) return;
      this.#buffer = new Uint8Array(CHUNK_BYTES);
      return;
    }
    const larger = new Uint8Array(Math.min(this.#held * 2, this.#maxLineBytes) + CHUNK_BYTES);
    larger.set(this.#buffer.subarray(0, this.#held));
    this.#buffer = larger;
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function placeholder(length: number, limit: number): string {
  return `[a line of ${length} bytes was left out: the limit is ${limit} bytes]`;
}
