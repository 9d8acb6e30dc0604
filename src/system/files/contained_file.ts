/**
 * Room `system`: reads a text file only if it lies inside a directory. The check is made on the opened file, not on its
 * name, which could be redirected between check and read.
 *
 * @module
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Stats,
} from "node:fs";
import { isAbsolute, join } from "node:path";
import { ifExists } from "./files.ts";
import { isWithin } from "./within.ts";

export type ContainedText = { ok: true; text: string } | { ok: false; problem: string };

/**
 * Reads a UTF-8 text file below `root`.
 *
 * @param root a path without symlinks
 * @param path absolute, or relative to `root`
 * @returns the text; otherwise `problem`, the rest of a sentence that begins with the file's name
 * @throws Error when the opened file cannot be inspected or read
 */
export function readContainedText(root: string, path: string, options: { maxBytes: number }): ContainedText {
  const name = isAbsolute(path) ? path : join(root, path);
  let file: number;
  try {
    // O_NONBLOCK, because opening a FIFO that has no writer would block.
    file = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return refusal(`cannot be read: ${reasonOf(error)}`);
  }
  try {
    const info = fstatSync(file);
    if (!info.isFile()) return refusal("is not a regular file");
    if (!isWithin(openedPath(info, name), root)) {
      return refusal("is outside of cwd once symlinks are resolved; only files below cwd are allowed");
    }
    if (info.size > options.maxBytes) {
      return refusal(`has ${info.size} bytes; at most ${options.maxBytes} are allowed`);
    }
    return decode(readFileSync(file));
  } finally {
    closeSync(file);
  }
}

/**
 * The real path of the opened file. Outside Linux its name is resolved a second time, a moment after it was opened.
 */
function openedPath(file: Stats, name: string): string {
  if (Deno.build.os !== "linux") return realpathSync(name);
  // The descriptor is found by inode, since `openSync` returns a real descriptor number only in Deno 2.7 and later.
  for (const { name: number } of Deno.readDirSync("/proc/self/fd")) {
    const path = `/proc/self/fd/${number}`;
    const open = ifExists(() => Deno.statSync(path));
    if (open?.ino === file.ino && open.dev === file.dev) return readlinkSync(path);
  }
  throw new Error(`${name} is open, and /proc/self/fd does not have it`);
}

function decode(bytes: Uint8Array): ContainedText {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return { ok: true, text };
  } catch {
    // Bytes that are not UTF-8 are refused below.
  }
  return refusal("is not text (UTF-8 without NUL)");
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && error.code === "ENOENT" ? "there is no such file" : error.message;
}

function refusal(problem: string): ContainedText {
  return { ok: false, problem };
}
