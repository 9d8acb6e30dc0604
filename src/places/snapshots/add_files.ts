/**
 * Room `places`: puts files of a work tree into an index. One that cannot be read is named, and does not keep the
 * others out.
 *
 * @module
 */
import { join } from "node:path";
import { GitFailure } from "../git/git_failure.ts";
import type { SnapshotStore } from "./snapshot_store.ts";
import type { Uncovered } from "./snapshot.ts";

/** Files that may fail one after the other, such as those that change all the time. */
const MAX_FAILURES = 50;

/** What no other set of files would mend. */
const HOPELESS =
  /no space left|disk quota|read-only file system|insufficient permission for adding an object/i;

export interface IndexRun {
  readonly index: string;
  readonly workTree: string;
  readonly alternates: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** @returns those that could not be added; their entries stay as they were. @throws GitFailure for other failures */
export async function addFiles(
  store: SnapshotStore,
  paths: readonly string[],
  run: IndexRun,
): Promise<Uncovered[]> {
  const uncovered: Uncovered[] = [];
  let left = paths;
  for (let failures = 0; left.length > 0; failures++) {
    const failed = await tryToAdd(store, left, run);
    if (failed === null) break;
    if (failures >= MAX_FAILURES || HOPELESS.test(failed.errors)) throw failed;
    const bad = failures === 0 ? await unreadable(run.workTree, left) : [];
    const [named] = bad.length > 0 ? [] : failedPaths(failed.errors).filter((path) => left.includes(path));
    if (bad.length === 0 && named === undefined) throw failed;
    if (named !== undefined) bad.push({ path: named, why: "cannot be read, or changes all the time" });
    uncovered.push(...bad);
    const gone = new Set(bad.map(({ path }) => path));
    left = left.filter((path) => !gone.has(path));
  }
  return uncovered;
}

async function tryToAdd(
  store: SnapshotStore,
  paths: readonly string[],
  run: IndexRun,
): Promise<GitFailure | null> {
  const args = ["update-index", "-z", "--add", "--remove", "--replace", "--stdin"];
  try {
    await store.run(args, { ...run, stdin: paths.map((path) => `${path}\0`).join("") });
    return null;
  } catch (error) {
    if (error instanceof GitFailure && error.kind === "failed") return error;
    throw error;
  }
}

function failedPaths(errors: string): string[] {
  return [...errors.matchAll(/^fatal: Unable to process path (.*)$/gm)].map(([, path = ""]) => path);
}

async function unreadable(root: string, paths: readonly string[]): Promise<Uncovered[]> {
  const found: Uncovered[] = [];
  for (const path of paths) {
    try {
      const file = join(root, path);
      if ((await Deno.lstat(file)).isFile) (await Deno.open(file)).close();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      found.push({ path, why: "cannot be read: Permission denied" });
    }
  }
  return found;
}
