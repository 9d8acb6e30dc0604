/**
 * Room `kernel`: hands on what is appended to a growing file, as `tail -f` does, for systems whose own `tail` is slow
 * or missing.
 *
 * @module
 */
import { openIfOurs } from "../../system/files/files.ts";
import { ifOurs } from "../../system/files/files.ts";
import { pause } from "../../system/pause.ts";

/** Ms between two looks at the file. */
const LOOK_MS = 20;

/** Bytes handed on at once. */
const PIECE_BYTES = 64 * 1024;

export interface Feed {
  /** The file that grows; it may not be there yet. */
  file: string;
  /** When this file is there, the feed ends as soon as all has been handed on. */
  endFile?: string;
  /** Hands on one piece; resolves when there is room for the next. */
  write: (bytes: Uint8Array) => Promise<void>;
  /** Ends the feed. */
  signal?: AbortSignal;
}

/** Resolves when the feed has ended. @throws what `write` throws, as when the reader is gone */
export async function feedChannel({ file: path, endFile, write, signal }: Feed): Promise<void> {
  let file: Deno.FsFile | null = null;
  const piece = new Uint8Array(PIECE_BYTES);
  try {
    while (signal?.aborted !== true) {
      file ??= openIfOurs(path);
      // Looked for before the file is read: nothing is appended once it is there.
      const isEnded = endFile !== undefined && ifOurs(() => Deno.lstatSync(endFile)) !== null;
      const length = file?.readSync(piece) ?? 0;
      if (length > 0) await write(piece.slice(0, length));
      else if (isEnded) return;
      else await pause(LOOK_MS, signal);
    }
  } finally {
    file?.close();
  }
}
