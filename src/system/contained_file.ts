/**
 * Room `system`: reads a text file only if it lies inside a directory. What is read is what was checked: the file that
 * was opened, not a name that may lead elsewhere by then.
 *
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";

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
    return refusal(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    const info = fstatSync(file);
    if (!info.isFile()) return refusal("is not a regular file");
    if (!isInside(root, openedPath(file, name))) {
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
function openedPath(file: number, name: string): string {
  return Deno.build.os === "linux" ? readlinkSync(`/proc/self/fd/${file}`) : realpathSync(name);
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
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

function refusal(problem: string): ContainedText {
  return { ok: false, problem };
}
