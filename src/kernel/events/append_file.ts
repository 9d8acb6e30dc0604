/**
 * Room `kernel`: a file to which whole texts are appended. The valid length is kept in memory. Bytes behind it are left
 * from a failed write, and are cut off before the next one.
 *
 * @module
 */
import { PRIVATE_FILE_MODE } from "../../system/files/files.ts";

/**
 * One buffer for encoding all texts, piece by piece: a new array for each text would be garbage as long as the text.
 */
const PIECE = new Uint8Array(32 * 1024);

/** A file open for appending. `close` must be called in the end. */
export class AppendFile {
  readonly #file: Deno.FsFile;
  readonly #encoder = new TextEncoder();
  #length: number;
  /** Where the next write goes. */
  #position = 0;
  /** Whether the file may hold bytes behind the valid length. */
  #isFrayed = false;

  /**
   * @param path the file; one that is missing is made, with mode 0600
   * @param length the valid bytes of the file; it is cut off behind them
   */
  constructor(path: string, length: number) {
    this.#file = Deno.openSync(path, { write: true, create: true, mode: PRIVATE_FILE_MODE });
    this.#length = length;
    try {
      if (this.#file.statSync().size !== length) this.#file.truncateSync(length);
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /** The valid length of the file in bytes. */
  get length(): number {
    return this.#length;
  }

  /**
   * Appends the text as UTF-8.
   *
   * @throws what the file system says; then the length is as before, and the next append or {@link cut} removes what
   * was written
   */
  append(text: string): void {
    if (text === "") return;
    if (this.#isFrayed) this.#file.truncateSync(this.#length);
    this.#isFrayed = true;
    if (this.#position !== this.#length) this.#file.seekSync(this.#length, Deno.SeekMode.Start);
    this.#position = this.#length;
    for (let rest = text; rest !== "";) {
      const { read, written } = this.#encoder.encodeInto(rest, PIECE);
      this.#write(PIECE.subarray(0, written));
      rest = rest.slice(read);
    }
    this.#length = this.#position;
    this.#isFrayed = false;
  }

  /** Cuts the file to an earlier length in bytes. Does not throw: when it fails, the next append cuts first. */
  cut(length: number): void {
    if (length === this.#length && !this.#isFrayed) return;
    this.#length = length;
    this.#isFrayed = true;
    try {
      this.#file.truncateSync(length);
      this.#isFrayed = false;
    } catch {
      // The next append cuts the file.
    }
  }

  #write(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length;) {
      const count = this.#file.writeSync(bytes.subarray(written));
      if (count === 0) throw new Error("the file system accepts no more bytes (os error 28)");
      written += count;
      this.#position += count;
    }
  }

  close(): void {
    this.#file.close();
  }
}
