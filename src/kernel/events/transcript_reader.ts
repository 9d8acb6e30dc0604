/**
 * Room `kernel`: reads pieces of a job's transcript. No piece ends or begins inside a character.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { lastLines } from "../../domain/event/transcript.ts";
import { openIfOurs } from "../../system/files/files.ts";
import type { JobDirectory } from "../job_directory.ts";

/** The most bytes that UTF-8 needs for one UTF-16 code unit. */
const MAX_BYTES_PER_CHAR = 3;

export interface TranscriptPiece {
  text: string;
  /** Offset in bytes at which the next piece begins. */
  offset: number;
  more: boolean;
}

/** About `maxBytes` bytes of the transcript from `offset` on. A transcript that is not there yet is empty. */
export function readTranscript(directory: JobDirectory, offset: number, maxBytes: number): TranscriptPiece {
  const read = readRange(directory.outputFile, (size) => ({
    start: Math.min(offset, size),
    // At least 4 bytes, the longest character: with fewer, a reader might never advance.
    end: Math.min(size, offset + Math.max(4, maxBytes)),
  }));
  // Recovery may have cut the transcript before a reader's offset. It keeps the offset, since the same text is written
  // again.
  if (read === null || read.bytes.length === 0) return { text: "", offset, more: false };
  const whole = read.bytes.subarray(0, wholeCharacters(read.bytes));
  const next = read.start + whole.length;
  return { text: whole.toString("utf8"), offset: next, more: next < read.size && whole.length > 0 };
}

/** The last `lines` lines, at most `chars` characters of them, reading only the end of the file. */
export function transcriptTail(
  directory: JobDirectory,
  lines: number,
  chars: number,
): { text: string; cut: boolean } {
  const read = readRange(directory.outputFile, (size) => ({
    start: Math.max(0, size - (chars + 1) * MAX_BYTES_PER_CHAR),
    end: size,
  }));
  if (read === null || read.size === 0) return { text: "", cut: false };
  const text = read.bytes.subarray(read.start === 0 ? 0 : continuationBytes(read.bytes)).toString("utf8");
  const tail = lastLines(text, lines, chars);
  return { text: tail.text, cut: tail.cut || read.start > 0 };
}

interface Range {
  start: number;
  size: number;
  bytes: Buffer;
}

function readRange(path: string, range: (size: number) => { start: number; end: number }): Range | null {
  using file = openIfOurs(path);
  if (file === null) return null;
  const { size } = file.statSync();
  const { start, end } = range(size);
  const bytes = Buffer.allocUnsafe(Math.max(0, end - start));
  file.seekSync(start, Deno.SeekMode.Start);
  let length = 0;
  while (length < bytes.length) {
    const read = file.readSync(bytes.subarray(length));
    if (read === null) break;
    length += read;
  }
  return { start, size, bytes: bytes.subarray(0, length) };
}

/** How many bytes at the start belong to a character that began before them. */
function continuationBytes(bytes: Uint8Array): number {
  let count = 0;
  while (count < 3 && ((bytes[count] ?? 0) & 0xc0) === 0x80) count++;
  return count;
}

/** How many of the bytes are whole characters; an unfinished one at the end is left out. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
