/**
 * Room `kernel`: a file that only grows, by whole pieces. It keeps the length that counts itself: bytes behind it are
 * left over from a failed write and will be overwritten.
 *
 * @module
 */

/** Text is encoded here piece by piece: an array for every text would be as much garbage as it is written. */
const PIECE = new Uint8Array(32 * 1024);

export class AppendFile {
  readonly #file: Deno.FsFile;
  readonly #encoder = new TextEncoder();
  #length: number;
  /** Whether something may lie behind the length. */
  #isFrayed = false;

  /**
   * @param path of a file that exists
   * @param length in bytes; what lies behind it is cut off
   */
  constructor(path: string, length: number) {
    this.#file = Deno.openSync(path, { write: true });
    this.#length = length;
    try {
      if (this.#file.statSync().size !== length) this.#file.truncateSync(length);
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /** Bytes. */
  get length(): number {
    return this.#length;
  }

  /** @throws what the file system says; the length is as before, and {@link cut} takes the remains away */
  append(text: string): void {
    if (text === "") return;
    if (this.#isFrayed) this.#file.truncateSync(this.#length);
    this.#isFrayed = true;
    this.#file.seekSync(this.#length, Deno.SeekMode.Start);
    let length = this.#length;
    for (let rest = text; rest !== "";) {
      const { read, written } = this.#encoder.encodeInto(rest, PIECE);
      this.#write(PIECE.subarray(0, written));
      length += written;
      rest = rest.slice(read);
    }
    this.#length = length;
    this.#isFrayed = false;
  }

  /** Back to an earlier length. Does not throw: what cannot be cut now is cut by the next append. */
  cut(length: number): void {
    if (length === this.#length && !this.#isFrayed) return;
    this.#length = length;
    this.#isFrayed = true;
    try {
      this.#file.truncateSync(length);
      this.#isFrayed = false;
    } catch {
      // Tried again before the next append.
    }
  }

  #write(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length;) {
      const count = this.#file.writeSync(bytes.subarray(written));
      if (count === 0) throw new Error("the file system accepts no more bytes (os error 28)");
      written += count;
    }
  }

  close(): void {
    this.#file.close();
  }
}
