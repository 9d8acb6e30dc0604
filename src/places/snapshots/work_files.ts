/**
 * Room `places`: the files of a work tree that differ from an index, and what becomes of each in a snapshot.
 *
 * @module
 */
import { join } from "node:path";
import { isYoung } from "./file_modes.ts";
import { isKeyName } from "./key_names.ts";
import { lookAt, RealParents } from "./real_parents.ts";
import type { Noted, Uncovered } from "./snapshot.ts";

/** Larger files are known by size and time alone: copying them would take longer than a turn may wait. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

export interface Listed {
  /** Tracked or not, each once. */
  readonly paths: readonly string[];
  /** Those that the index does not have. */
  readonly others: ReadonlySet<string>;
  /** Repositories in the work tree. */
  readonly nested: readonly string[];
  readonly uncovered: readonly Uncovered[];
}

/**
 * What `git ls-files -z -t -o -m -d` has printed.
 *
 * @param options.again paths that count as listed in any case
 */
export function readListing(
  { text, errors }: { text: string; errors: string },
  { again }: { again: readonly string[] },
): Listed {
  const paths = new Set(again);
  const others = new Set<string>();
  const nested: string[] = [];
  for (const line of text.split("\0")) {
    const path = line.slice(2);
    if (path === "") continue;
    if (path.endsWith("/")) nested.push(path.slice(0, -1));
    else {
      paths.add(path);
      if (line.startsWith("?")) others.add(path);
    }
  }
  const uncovered = [...errors.matchAll(/^warning: could not open directory '(.*?)\/?': (.*)$/gm)]
    .map(([, path = "", problem = ""]) => ({ path, why: `cannot be read: ${problem}` }));
  return { paths: [...paths], others, nested, uncovered };
}

/** What is to be done with the paths that differ. */
export interface Sorted {
  readonly add: string[];
  /** Paths that the snapshot must not have: they are gone, or not covered. */
  readonly remove: string[];
  readonly noted: Noted[];
  readonly uncovered: Uncovered[];
  /** Bytes of the files to be added, and of those among them that are new. */
  bytes: number;
  newBytes: number;
  /** Permissions of files that were looked at; `null` for what is no file. */
  readonly bits: Map<string, number | null>;
  /** Files that were changed a moment ago: see `file_modes.ts`. */
  readonly young: Set<string>;
}

/** Files that are looked at together. */
const AT_ONCE = 64;

/** Looks at each path without following a symbolic link, in it or above it. */
export async function sortFiles(root: string, { paths, others }: Listed): Promise<Sorted> {
  const sorted: Sorted = {
    add: [],
    remove: [],
    noted: [],
    uncovered: [],
    bytes: 0,
    newBytes: 0,
    bits: new Map(),
    young: new Set(),
  };
  const parents = new RealParents(root);
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    await Promise.all(
      paths.slice(at, at + AT_ONCE).map((path) => sortFile(path, { root, parents, others, sorted })),
    );
  }
  return sorted;
}

async function sortFile(
  path: string,
  { root, parents, others, sorted }: {
    root: string;
    parents: RealParents;
    others: ReadonlySet<string>;
    sorted: Sorted;
  },
): Promise<void> {
  if (!path.isWellFormed()) {
    sorted.uncovered.push({ path: path.toWellFormed(), why: "its name is not UTF-8" });
    sorted.remove.push(path);
    return;
  }
  const info = await parents.has(path) ? await lookAt(join(root, path)) : "gone";
  if (info === "unreadable") {
    sorted.uncovered.push({ path, why: "cannot be read" });
    return;
  }
  sorted.bits.set(path, info !== "gone" && info.isFile && info.mode !== null ? info.mode & 0o777 : null);
  if (info !== "gone" && isYoung(info)) sorted.young.add(path);
  if (info === "gone" || info.isDirectory) {
    sorted.remove.push(path);
  } else if (info.isSymlink) {
    sorted.add.push(path);
  } else if (!info.isFile) {
    sorted.uncovered.push({ path, why: "is neither a file nor a symbolic link" });
    sorted.remove.push(path);
  } else if (info.size > MAX_FILE_BYTES || isKeyName(path)) {
    sorted.noted.push({ path, size: info.size, mtime_ms: info.mtime?.getTime() ?? 0 });
    sorted.remove.push(path);
  } else {
    sorted.add.push(path);
    sorted.bytes += info.size;
    if (others.has(path)) sorted.newBytes += info.size;
  }
}
