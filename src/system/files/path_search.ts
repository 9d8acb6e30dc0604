/**
 * Room `system`: tells whether a text is a path, or part of a path, below a directory. The directory tree is read once,
 * at the first question, up to a limit.
 *
 * @module
 */
import { readdirSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { ifExists } from "./files.ts";

/** Most files and directories read: about a tenth of a second. */
const MAX_ENTRIES = 20_000;

/**
 * Directories that agents skip in their own searches too. They are maintained by tools, and larger than everything
 * else.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "node_modules", "bower_components", ".svn", ".hg"]);

export class PathSearch {
  readonly #directory: string;
  /**
   * Relative paths of all files in lower case, one per line. `null` when there are too many, `undefined` before they
   * are read.
   */
  #paths: string | null | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Whether `text` is an existing path, absolute or relative to the directory, or is part of the path of a file below
   * it and reaches into the file's name. Parts are compared without regard to case. `true` as well when the directory
   * holds too many files to read.
   */
  hasPath(text: string): boolean {
    if (text === "") return false;
    if (exists(resolve(this.#directory, text))) return true;
    if (isAbsolute(text)) return false;
    if (this.#paths === undefined) this.#paths = relativePaths(this.#directory);
    return this.#paths === null || reachesName(this.#paths, text.toLowerCase());
  }
}

/** Whether a line contains `text` with no slash after it. */
function reachesName(lines: string, text: string): boolean {
  for (let at = lines.indexOf(text); at >= 0; at = lines.indexOf(text, at + 1)) {
    const end = lines.indexOf("\n", at + text.length);
    const slash = lines.indexOf("/", at + text.length);
    if (slash < 0 || (end >= 0 && end < slash)) return true;
  }
  return false;
}

function exists(path: string): boolean {
  try {
    return ifExists(() => Deno.statSync(path)) !== null;
  } catch {
    // No file can have a name that is too long or contains a NUL.
    return false;
  }
}

function relativePaths(root: string): string | null {
  const found: string[] = [];
  const waiting = [""];
  let seen = 0;
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    for (const entry of entriesOf(join(root, place))) {
      if (LEFT_OUT.has(entry.name)) continue;
      const path = place === "" ? entry.name : `${place}/${entry.name}`;
      if (++seen > MAX_ENTRIES) return null;
      if (entry.isDirectory()) waiting.push(path);
      else found.push(path.toLowerCase());
    }
  }
  return found.join("\n");
}

function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    // The directory is gone or not readable, and the agent cannot read it either.
    return [];
  }
}
