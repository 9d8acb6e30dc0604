/**
 * Room `kernel`: whole lines of a file that still grows. It decodes whole lines only, so no character is ever
 * split, and its memory is bounded by the longest line that it accepts.
 *
 * @module
 */
import { openIfOurs } from "../../system/files/files.ts";

/** Bytes per read: large enough that the calls do not count, small enough to answer others in between. */
const CHUNK_BYTES = 256 * 1024;

const NEWLINE = 0x0a;

/** Gets one line without its ending, and the offset in bytes at which it begins. */
export type LineSink = (line: string, startOffset: number) => void;

export interface TailProgress {
  /** Read by this call. */
  bytes: number;
  /** Nothing was left to read. */
  caughtUp: boolean;
  /** The file is shorter than what was read of it before. Nothing more will be read. */
  truncated: boolean;
}

export class LineTail implements Disposable {
  readonly #path: string;
  readonly #maxLineBytes: number;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #file: Deno.FsFile | null = null;
  #buffer = new Uint8Array(CHUNK_BYTES);
  /** Bytes of an unfinished line at the start of the buffer. */
  #held = 0;
  /** Bytes of an unfinished line that is too long to be held. */
  #dropped = 0;
  #offset = 0;
  #skippedBytes = 0;
  #isClosed = false;

  /** @param options.maxLineBytes a longer line is replaced by a short text that names its size */
  constructor(path: string, options: { maxLineBytes: number }) {
    this.#path = path;
    this.#maxLineBytes = options.maxLineBytes;
  }

  /** Where the first line begins that has not been handed out. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes of lines that were too long. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /** Bytes read, those of an unfinished line too. */
  get readBytes(): number {
    return this.#offset + this.#held + this.#dropped;
  }

  /** Whether the file is longer, or shorter, than what was read of it. Throws what the file system says. */
  hasNews(): boolean {
    const file = this.#open();
    if (file === null) return false;
    const size = file.seekSync(0, Deno.SeekMode.End);
    file.seekSync(this.readBytes, Deno.SeekMode.Start);
    return size !== this.readBytes;
  }

  /**
   * Reads about `maxBytes` bytes and hands out the lines that they finish. A file that does not exist yet is empty.
   * When the sink throws, its line counts as not handed out and comes again with the next call.
   */
  read(sink: LineSink, maxBytes: number): TailProgress {
    const file = this.#open();
    let bytes = 0;
    while (file !== null && bytes < maxBytes) {
      this.#makeRoom();
      const wanted = Math.min(CHUNK_BYTES, maxBytes - bytes);
      const read = file.readSync(this.#buffer.subarray(this.#held, this.#held + wanted));
      if (read === null || read === 0) {
        return { bytes, caughtUp: true, truncated: file.statSync().size < this.readBytes };
      }
      bytes += read;
      this.#take(sink, read);
    }
    return { bytes, caughtUp: file === null, truncated: false };
  }

  /** The file grows no more: what follows the last newline is a line. Call `read` until it has caught up first. */
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
    if (this.#file === null && !this.#isClosed) this.#file = openIfOurs(this.#path);
    return this.#file;
  }

  /** Hands out the lines that `added` bytes behind the held ones finish, and holds the rest. */
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
   * Hands out whole lines. They are decoded at once where every byte is a character, as it nearly always is: then a
   * place in the text is the same place in the bytes.
   */
  #handOut(sink: LineSink, lines: Uint8Array): void {
    const mayBeTooLong = this.#dropped + lines.length > this.#maxLineBytes;
    const text = mayBeTooLong ? "" : this.#decoder.decode(lines);
    if (text.length !== lines.length) return this.#handOutEach(sink, lines);
    for (let start = 0; start < text.length;) {
      const end = text.indexOf("\n", start);
      sink(withoutReturn(text.slice(start, end)), this.#offset);
      this.#offset += end + 1 - start;
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
    sink(text, this.#offset);
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

  /** Back to the line that was not accepted. */
  #rewind(): void {
    this.#held = 0;
    this.#dropped = 0;
    this.#file?.seekSync(this.#offset, Deno.SeekMode.Start);
  }

  #makeRoom(): void {
    const needed = this.#held + CHUNK_BYTES;
    if (needed <= this.#buffer.length) {
      // A long line has passed: give its memory back.
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
