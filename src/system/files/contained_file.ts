/**
 * Room `system`: reads a text file only if it lies inside a directory. What is read is what was checked: the file that
 * was opened, not a name that may lead elsewhere by then.
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
import { isAbsolute, join, relative, sep } from "node:path";
import { ifExists } from "./files.ts";

export type ContainedText = { ok: true; text: string } | { ok: false; problem: string };

/**
 * @param root a real path: without symlinks.
 * @param path absolute, or relative to `root`.
 * @returns the text, or the rest of a sentence that begins with the file's name.
 */
export function readContainedText(root: string, path: string, options: { maxBytes: number }): ContainedText {
  const name = isAbsolute(path) ? path : join(root, path);
  let file: number;
  try {
    // Not blocking: a FIFO without a writer would hold up the reader.
    file = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return refusal(`cannot be read: ${reasonOf(error)}`);
  }
  try {
    const info = fstatSync(file);
    if (!info.isFile()) return refusal("is not a regular file");
    if (!isInside(root, openedPath(info, name))) {
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

/** Where the opened file really lies. Elsewhere than on Linux its name is resolved again, a moment later. */
function openedPath(file: Stats, name: string): string {
  if (Deno.build.os !== "linux") return realpathSync(name);
  // Looked for, because what `openSync` gives is the number of the descriptor only from Deno 2.7 on.
  for (const { name: number } of Deno.readDirSync("/proc/self/fd")) {
    const path = `/proc/self/fd/${number}`;
    const open = ifExists(() => Deno.statSync(path));
    if (open?.ino === file.ino && open.dev === file.dev) return readlinkSync(path);
  }
  throw new Error(`${name} is open, and /proc/self/fd does not have it`);
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function decode(bytes: Uint8Array): ContainedText {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return { ok: true, text };
  } catch {
    // Falls through to the refusal.
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
