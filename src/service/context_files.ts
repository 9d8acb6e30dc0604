/**
 * Room `service`: files that a caller wants in the prompt. What is read is what was checked: the file that was
 * opened, not a name that may lead elsewhere by then.
 *
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { type AgentAsyncError, invalidArgument } from "../domain/errors.ts";

/** Bytes of one context file. */
export const MAX_CONTEXT_FILE_BYTES = 512 * 1024;

/**
 * The prompt with `<file path="...">` blocks after it.
 * @throws {AgentAsyncError} `invalid_argument` naming the file and the rule it breaks.
 */
export function withContextFiles(prompt: string, cwd: string, paths: readonly string[]): string {
  const root = realpathSync(cwd);
  return [prompt, ...paths.map((path, index) => fileBlock(root, path, index))].join("\n\n");
}

function fileBlock(root: string, path: string, index: number): string {
  const fault = (problem: string) => invalidArgument(`context_files[${index}]`, `${path} ${problem}`);
  const text = readInside(root, path, fault);
  // A closing tag inside of the file must not end the block early.
  const body = text.replaceAll("</file>", "<\\/file>");
  return `<file path="${path.replaceAll('"', "&quot;")}">\n${body}${body.endsWith("\n") ? "" : "\n"}</file>`;
}

function readInside(root: string, path: string, fault: (problem: string) => AgentAsyncError): string {
  let file: number;
  try {
    // Not blocking: a FIFO without a writer would hold up the daemon.
    file = openSync(isAbsolute(path) ? path : join(root, path), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw fault(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    const info = fstatSync(file);
    if (!info.isFile()) throw fault("is not a regular file");
    if (!isInside(root, openedPath(file, isAbsolute(path) ? path : join(root, path)))) {
      throw fault("is outside of cwd once symlinks are resolved; only files below cwd are allowed");
    }
    if (info.size > MAX_CONTEXT_FILE_BYTES) {
      throw fault(`has ${info.size} bytes; at most ${MAX_CONTEXT_FILE_BYTES} are allowed`);
    }
    return decode(readFileSync(file), fault);
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

function decode(bytes: Uint8Array, fault: (problem: string) => AgentAsyncError): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // Falls through to the refusal.
  }
  throw fault("is not text (UTF-8 without NUL)");
}
