/**
 * Room `system`: whether a text is the path, or a part of the path, of something below a directory. The directory is
 * read once, when it is first asked for, and only so far.
 *
 * @module
 */
import { readdirSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { ifExists } from "./files.ts";

/** Files and directories that are looked at: a tenth of a second. */
const MAX_ENTRIES = 20_000;

/** What agents leave out of their searches too: kept by tools, and larger than all the rest. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "node_modules", "bower_components", ".svn", ".hg"]);

export class PathSearch {
  readonly #directory: string;
  /** Relative paths of files in lower case, one a line; `null` where there are too many. */
  #paths: string | null | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Whether `text` is the path of something from the directory, or of a file below it a part that reaches into its
   * name, in either case of letters; `true` as well where there is more than can be looked at.
   */
  hasPath(text: string): boolean {
    if (text === "") return false;
    if (exists(resolve(this.#directory, text))) return true;
    if (isAbsolute(text)) return false;
    if (this.#paths === undefined) this.#paths = relativePaths(this.#directory);
    return this.#paths === null || reachesName(this.#paths, text.toLowerCase());
  }
}

/** Whether `text` is in one of the lines, with no slash between it and the line's end. */
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
    // A name that is too long or has a NUL in it names nothing.
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
    // Gone, or closed to us, as it is to the agent.
    return [];
  }
}
