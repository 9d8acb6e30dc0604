/**
 * Room `places`: the index that a snapshot begins from. It saves reading every file: git compares sizes and times. It
 * is the one that the last snapshot of the same work tree left, else a copy of the user's.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { removeIfExists, writeAtomically } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import type { UserSettings } from "../places_home.ts";
import { hasConversions } from "./conversions.ts";
import { FileModes } from "./file_modes.ts";
import { isKeyName } from "./key_names.ts";
import { excludeArguments, type PlainDirectory, type Repository } from "./repository.ts";
import type { SnapshotStore } from "./snapshot_store.ts";

/** What is known of an index beyond itself. */
const Remembered = z.object({
  /** Tracked files that are not in the index, since they are known by size and time alone. */
  noted: z.array(z.string()),
  /** Identity of the user's index as it was read. */
  theirs: z.string().nullable(),
  /** Files and bytes of a plain directory. */
  files: z.number(),
  bytes: z.number(),
  /** Permissions of the files; `null`: not to be had. Absent before they are read. */
  modes: FileModes.nullable().optional(),
  /** Files whose permissions may have changed unseen: see `file_modes.ts`. */
  young: z.array(z.string()).optional(),
});
export type Remembered = z.infer<typeof Remembered>;

export interface StartIndex extends Disposable {
  /** Path of the temporary index. */
  readonly path: string;
  readonly remembered: Remembered;
  /** Paths that must be added though git does not list them: tracked by the user, ignored, and new to us. */
  readonly again: readonly string[];
  /** Makes this index the one that the next snapshot begins from. */
  keep(remembered: Remembered): void;
}

/** @throws GitFailure when the user's index cannot be read */
export async function startIndex(
  store: SnapshotStore,
  tree: Repository | PlainDirectory,
  { user, signal }: { user: UserSettings; signal?: AbortSignal | undefined },
): Promise<StartIndex> {
  const path = store.temporary();
  const kept = join(store.indexes, createHash("sha256").update(tree.root).digest("hex").slice(0, 16));
  const run = { index: path, workTree: tree.root, signal };
  const theirs = tree.kind === "git" ? indexIdentity(tree) : null;
  const begun = await lastIndex(kept, path);
  const again: string[] = [];
  let remembered: Remembered = begun ?? { noted: [], theirs, files: 0, bytes: 0 };
  if (tree.kind === "git" && begun === null) {
    remembered = { ...remembered, noted: await theirIndex(store, tree, { ...run, user }) };
  } else if (tree.kind === "git" && begun !== null && begun.theirs !== theirs) {
    again.push(...await trackedThoughIgnored(store, tree, { user, signal }));
  }
  return {
    path,
    remembered: { ...remembered, theirs },
    again,
    keep(remembered) {
      writeAtomically(`${kept}.json`, JSON.stringify(remembered));
      Deno.renameSync(path, `${kept}.index`);
    },
    [Symbol.dispose]() {
      for (const name of [path, `${path}.lock`]) removeIfExists(name);
    },
  };
}

async function lastIndex(kept: string, path: string): Promise<Remembered | null> {
  try {
    const remembered = Remembered.parse(JSON.parse(readTextIfOurs(`${kept}.json`) ?? "null"));
    return await copyWithTime(`${kept}.index`, path) ? remembered : null;
  } catch {
    // There is none, or it is damaged: the snapshot takes longer.
    return null;
  }
}

/**
 * Copies an index with its modification time, to the millisecond and not later. Git compares a file with its entry when
 * the file is not older than the index; a later time would hide changes of the same size.
 *
 * @returns `false` when there is none
 */
export async function copyWithTime(from: string, to: string): Promise<boolean> {
  try {
    const { mtime, isFile } = await Deno.stat(from);
    // Copying a FIFO would wait for a writer for ever.
    if (!isFile) return false;
    await Deno.copyFile(from, to);
    if (mtime !== null) await Deno.utime(to, mtime, mtime);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function indexIdentity({ gitDir }: Repository): string | null {
  try {
    const { size, mtime, ino } = Deno.statSync(join(gitDir, "index"));
    return `${size} ${mtime?.getTime() ?? 0} ${ino ?? 0}`;
  } catch {
    return null;
  }
}

interface IndexRun {
  readonly index: string;
  readonly workTree: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * The user's index as one of ours: every file of the work tree is compared, and none is hidden by a flag.
 *
 * @returns tracked files that are known by size and time alone
 */
async function theirIndex(
  store: SnapshotStore,
  tree: Repository,
  { user, ...run }: IndexRun & { user: UserSettings },
): Promise<string[]> {
  await copySharedIndexes(store, tree);
  if (!await copyWithTime(join(tree.gitDir, "index"), run.index)) return [];
  const alternates = [tree.objects];
  const { text } = await store.run(["ls-files", "-z", "-s", "-v"], { ...run, alternates });
  const { hidden, absent, apart, keys, attributes } = readEntries(text);
  const update = async (args: string[], paths: readonly string[]) => {
    if (paths.length === 0) return;
    const stdin = paths.map((path) => `${path}\0`).join("");
    await store.run(["update-index", "-z", ...args, "--stdin"], { ...run, alternates, stdin });
  };
  await update(["--no-assume-unchanged"], hidden);
  await update(["--no-skip-worktree"], absent);
  await update(["--force-remove"], [...apart, ...keys]);
  if (hasConversions(tree, { tracked: attributes, user })) await withoutTimes(store, { ...run, alternates });
  return keys;
}

/** What `ls-files -z -s -v` tells: `H 100644 <id> 0\t<path>`; the letter is small for assume-unchanged. */
function readEntries(text: string) {
  const entries = {
    hidden: [] as string[],
    absent: [] as string[],
    apart: [] as string[],
    keys: [] as string[],
    attributes: [] as string[],
  };
  for (let at = 0; at < text.length;) {
    const end = text.indexOf("\0", at);
    const tab = text.indexOf("\t", at);
    const path = text.slice(tab + 1, end);
    const tag = text.charAt(at);
    if (tag >= "a" && tag <= "z") entries.hidden.push(path);
    if (tag === "S" || tag === "s") entries.absent.push(path);
    // A submodule's files are a part of their own; a name that is not UTF-8 cannot be written by us.
    if (text.startsWith("160000", at + 2) || !path.isWellFormed()) entries.apart.push(path);
    else if (isKeyName(path)) entries.keys.push(path);
    if (path.endsWith(".gitattributes")) entries.attributes.push(path);
    at = end + 1;
  }
  return entries;
}

/**
 * Forgets sizes and times of all entries and compares them with the bytes on disk: where files are converted, the
 * user's git took them for equal though they differ.
 */
async function withoutTimes(
  store: SnapshotStore,
  run: IndexRun & { alternates: readonly string[] },
): Promise<void> {
  const { bytes } = await store.run(["ls-files", "-z", "-s"], run);
  removeIfExists(run.index);
  await store.run(["update-index", "-z", "--index-info"], { ...run, stdin: bytes });
  await store.run(["update-index", "-q", "--refresh"], { ...run, codes: [1] });
}

/**
 * Copies the files that a split index refers to where git looks for them: into our git directory. They stay, since
 * another snapshot may read them at the same time.
 */
export async function copySharedIndexes(store: SnapshotStore, { gitDir }: Repository): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(gitDir)) {
    if (!isFile || !name.startsWith("sharedindex.")) continue;
    const temporary = store.temporary();
    if (await copyWithTime(join(gitDir, name), temporary)) {
      await Deno.rename(temporary, join(store.directory, name));
    }
  }
}

/** Files that the user has added though they are ignored: git lists them nowhere else. */
async function trackedThoughIgnored(
  store: SnapshotStore,
  tree: Repository,
  { user, signal }: { user: UserSettings; signal: AbortSignal | undefined },
): Promise<string[]> {
  await copySharedIndexes(store, tree);
  const index = join(tree.gitDir, "index");
  const args = ["ls-files", "-z", "-i", "-c", ...excludeArguments(tree, user)];
  const { text } = await store.run(args, { index, workTree: tree.root, alternates: [tree.objects], signal });
  return text.split("\0").filter((path) => path !== "");
}
