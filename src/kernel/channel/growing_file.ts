/**
 * Room `kernel`: the file that is a two-way agent's stdin. It only grows, since its feeder follows it: what was written
 * is never taken back, and a write that fails in its middle is gone on with.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { PRIVATE_FILE_MODE } from "../../system/files/files.ts";

/** Texts that are to be in the file, one behind the other, from its first byte on. */
export class GrowingFile implements Disposable {
  readonly #file: Deno.FsFile;
  /** What is not in the file yet. */
  #owed: Uint8Array[] = [];
  /** Bytes in the file. */
  #length: number;

  /**
   * @param path is made when it is not there
   * @param said what is to be in the file already, as far as an earlier daemon came: the rest is owed
   * @throws what the file system says
   */
  constructor(path: string, said: Iterable<string>) {
    this.#file = Deno.openSync(path, { write: true, create: true, mode: PRIVATE_FILE_MODE });
    this.#length = this.#file.statSync().size;
    let there = this.#length;
    for (const text of said) {
      const bytes = Buffer.from(text);
      if (bytes.length > there) this.#owed.push(bytes.subarray(there));
      there = Math.max(0, there - bytes.length);
    }
  }

  /** Bytes in the file so far. */
  get length(): number {
    return this.#length;
  }

  /** Whether all that was said is in the file. */
  get isWhole(): boolean {
    return this.#owed.length === 0;
  }

  /** Says one more text. It is in the file after the next {@link flush}. */
  say(text: string): void {
    this.#owed.push(Buffer.from(text));
  }

  /** @throws what the file system says; what is still owed then is for the next call */
  flush(): void {
    for (let piece = this.#owed[0]; piece !== undefined; piece = this.#owed[0]) {
      this.#file.seekSync(this.#length, Deno.SeekMode.Start);
      const written = this.#file.writeSync(piece);
      if (written === 0) throw new Error("the file system accepts no more bytes (os error 28)");
      this.#length += written;
      if (written < piece.length) this.#owed[0] = piece.subarray(written);
      else this.#owed.shift();
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
