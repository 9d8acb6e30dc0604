/**
 * Room `places`: makes sure that what a snapshot refers to is there and stays. Objects that only the user's repository
 * has may be removed there by its garbage collection.
 *
 * @module
 */
import { join } from "node:path";
import type { SnapshotStore } from "./snapshot_store.ts";

/** A side of a change in the raw format of git. */
export interface TreeEntry {
  /** Octal: `100644`, `100755`, `120000` for a symbolic link, `040000` for a directory. */
  readonly mode: string;
  readonly id: string;
}

export interface RawChange {
  readonly path: string;
  readonly before: TreeEntry | null;
  readonly after: TreeEntry | null;
}

/** Raw changes of `diff-tree -z`, up to the first thing that is none. @returns what follows them as `rest` */
export function readRawChanges(text: string): { changes: RawChange[]; rest: string } {
  const changes: RawChange[] = [];
  let at = 0;
  while (text.charAt(at) === ":") {
    const end = text.indexOf("\0", at);
    const [oldMode = "", newMode = "", oldId = "", newId = ""] = text.slice(at + 1, end).split(" ");
    const pathEnd = text.indexOf("\0", end + 1);
    changes.push({
      path: text.slice(end + 1, pathEnd),
      before: entry(oldMode, oldId),
      after: entry(newMode, newId),
    });
    at = pathEnd + 1;
  }
  return { changes, rest: text.slice(at) };
}

function entry(mode: string, id: string): TreeEntry | null {
  return mode === "000000" ? null : { mode, id };
}

/**
 * Copies into the store what the tree has and the commit does not: it may be reachable from nowhere in the user's
 * repository.
 *
 * @param options.head the commit that is checked out; `null`: everything is copied
 * @returns paths whose content is nowhere; not those of directories
 */
export async function holdObjects(
  store: SnapshotStore,
  tree: string,
  { head, alternates, signal }: {
    head: string | null;
    alternates: readonly string[];
    signal: AbortSignal | undefined;
  },
): Promise<string[]> {
  const run = { alternates, signal };
  const from = head ?? await store.line(["mktree"], { ...run, stdin: "" });
  const args = ["diff-tree", "-r", "-t", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-commit-id"];
  const { text } = await store.run([...args, from, tree], run);
  const added = readRawChanges(text).changes.filter(({ after }) => after !== null && after.mode !== "160000");
  const foreign = new Set(
    await absentObjects(store, [tree, ...added.map(({ after }) => after?.id ?? "")], { signal }),
  );
  if (foreign.size === 0) return [];
  const nowhere = new Set(await absentObjects(store, [...foreign], run));
  await packObjects(store, [...foreign].filter((id) => !nowhere.has(id)), run);
  return added.filter(({ after }) => nowhere.has(after?.id ?? "") && after?.mode !== "040000")
    .map(({ path }) => path);
}

/** Those of the objects that are not there; without `alternates`: that the store itself does not have. */
export async function absentObjects(
  store: SnapshotStore,
  ids: readonly string[],
  run: { alternates?: readonly string[]; signal: AbortSignal | undefined },
): Promise<string[]> {
  const args = ["cat-file", "--batch-check=%(objectname)"];
  const { text } = await store.run(args, { ...run, stdin: lines(ids) });
  return [...text.matchAll(/^(\S+) missing$/gm)].map(([, id = ""]) => id);
}

/** Writes the objects into a pack of the store, wherever they are. @returns the pack's name; `null` for no objects */
export async function packObjects(
  store: SnapshotStore,
  ids: readonly string[],
  run: { alternates: readonly string[]; signal?: AbortSignal | undefined },
): Promise<string | null> {
  if (ids.length === 0) return null;
  const base = join(store.directory, "objects", "pack", "pack");
  return await store.line(["pack-objects", "-q", "--window=0", base], { ...run, stdin: lines(ids) });
}

function lines(ids: readonly string[]): string {
  return [...new Set(ids)].map((id) => `${id}\n`).join("");
}
