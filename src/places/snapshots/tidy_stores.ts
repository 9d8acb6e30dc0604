/**
 * Room `places`: keeps the disk use of snapshots in bounds. What no record needs any more goes; what is used while this
 * runs is young, and stays.
 *
 * @module
 */
import { basename, join } from "node:path";
import * as z from "zod";
import { ifOurs } from "../../system/files/files.ts";
import { isThere, readTextIfOurs } from "../../system/files/is_there.ts";
import { removeTree } from "../../system/files/removal.ts";
import { Slices } from "../../system/yielding/slices.ts";
import type { Change } from "../changes/change.ts";
import { objectsOf } from "../changes/small_tree.ts";
import type { PlacesHome } from "../places_home.ts";
import { absentObjects, packObjects } from "./hold_objects.ts";
import { forgetPlain } from "./remembered_plain.ts";
import type { Snapshot } from "./snapshot.ts";
import { openStore, type SnapshotStore } from "./snapshot_store.ts";

/** No turn takes longer, so that what is older is not in the middle of anything. */
const YOUNG_MS = 2 * 24 * 60 * 60_000;

export interface StoreUse {
  readonly name: string;
  /** The git directory, or the plain directory, whose snapshots these are; `null` when that is not known. */
  readonly source: string | null;
  /** Whether it is still there. */
  readonly isThere: boolean;
  readonly bytes: number;
}

/** All stores, for people and `doctor`. */
export async function storeUses(home: PlacesHome): Promise<StoreUse[]> {
  const uses: StoreUse[] = [];
  for (const name of storeNames(home)) {
    const { directory } = openStore(home, name);
    const source = sourceOf(directory);
    uses.push({ name, source, isThere: source !== null && isThere(source), bytes: await bytesOf(directory) });
  }
  return uses;
}

/**
 * Removes what is older than two days and needed by none of `changes` and `snapshots`.
 *
 * Nobody may use the stores meanwhile: to be called in `home.gate.alone`.
 *
 * @param kept changes of all jobs that are kept, and snapshots of turns that run
 * @param options.now epoch ms
 * @returns stores that could not be tidied, as when a record's tree cannot be read: nothing of them was removed
 */
export async function tidyStores(
  home: PlacesHome,
  { changes, snapshots }: { changes: readonly Change[]; snapshots: readonly Snapshot[] },
  { now, signal }: { now: number; signal?: AbortSignal | undefined },
): Promise<UntidiedStore[]> {
  forgetPlain(home);
  const untidied: UntidiedStore[] = [];
  const before = now - YOUNG_MS;
  for (const { name } of ifOurs(() => [...Deno.readDirSync(home.snapshots)]) ?? []) {
    const path = join(home.snapshots, name);
    if (name.startsWith(".new-") && isOlder(path, before)) await removeTree(path);
  }
  for (const name of storeNames(home)) {
    if (signal?.aborted === true) break;
    const store = openStore(home, name);
    const parts = [
      ...changes.flatMap(({ parts }) => parts.flatMap((part) => sides(part))),
      ...snapshots.flatMap(({ parts }) => parts),
    ];
    const trees = parts.filter((part) => part.store === name);
    try {
      if (trees.length === 0 && isOlder(store.indexes, before)) await removeTree(store.directory);
      else await tidyStore(store, trees, { before, signal });
    } catch (error) {
      untidied.push({ name, source: sourceOf(store.directory), error });
    }
  }
  return untidied;
}

/** A store that stays as it is, and why. */
export interface UntidiedStore extends Pick<StoreUse, "name" | "source"> {
  readonly error: unknown;
}

/** A tree that is kept, and where the objects are that the store does not have. */
interface KeptTree {
  readonly store: string;
  readonly tree: string;
  readonly objects: readonly string[];
}

function sides({ store, objects, before, after }: Change["parts"][number]): KeptTree[] {
  return [before, after].map((tree) => ({ store, objects, tree }));
}

async function tidyStore(
  store: SnapshotStore,
  trees: readonly KeptTree[],
  { before, signal }: { before: number; signal: AbortSignal | undefined },
): Promise<void> {
  const temporary = join(store.directory, "temporary");
  for (const { name } of ifOurs(() => [...Deno.readDirSync(temporary)]) ?? []) {
    if (isOlder(join(temporary, name), before)) await removeTree(join(temporary, name));
  }
  for (const path of filesIn(store.directory)) {
    if (basename(path).startsWith("sharedindex.") && isOlder(path, before)) {
      ifOurs(() => Deno.removeSync(path));
    }
  }
  const packs = join(store.directory, "objects", "pack");
  const old = [...looseFiles(store), ...filesIn(packs)].filter((path) => isOlder(path, before));
  if (old.length === 0) return;
  const ids = new Set<string>();
  for (const { tree, objects } of trees) {
    for (const id of await objectsOf(store, tree, { alternates: objects.filter(isThere), signal })) {
      ids.add(id);
    }
  }
  // What the store itself does not have belongs to the user's repository, and is not ours to keep.
  const foreign = new Set(await absentObjects(store, [...ids], { signal }));
  const pack = await packObjects(store, [...ids].filter((id) => !foreign.has(id)), {
    alternates: [],
    signal,
  });
  const slices = new Slices();
  for (const path of old) {
    await slices.pause();
    if (pack !== null && path.includes(pack)) continue;
    ifOurs(() => Deno.removeSync(path));
  }
}

const Source = z.object({ source: z.string() });

function sourceOf(directory: string): string | null {
  try {
    return Source.parse(JSON.parse(readTextIfOurs(join(directory, "source.json")) ?? "null")).source;
  } catch {
    return null;
  }
}

function storeNames(home: PlacesHome): string[] {
  return (ifOurs(() => [...Deno.readDirSync(home.snapshots)]) ?? [])
    .flatMap(({ name }) => /^([0-9a-f]+)\.git$/.exec(name)?.[1] ?? []);
}

function looseFiles(store: SnapshotStore): string[] {
  const objects = join(store.directory, "objects");
  return (ifOurs(() => [...Deno.readDirSync(objects)]) ?? [])
    .filter(({ name }) => /^[0-9a-f]{2}$/.test(name)).flatMap(({ name }) => filesIn(join(objects, name)));
}

function filesIn(directory: string): string[] {
  return (ifOurs(() => [...Deno.readDirSync(directory)]) ?? []).filter(({ isFile }) => isFile)
    .map(({ name }) => join(directory, name));
}

function isOlder(path: string, before: number): boolean {
  const mtime = ifOurs(() => Deno.lstatSync(path).mtime);
  return mtime !== null && mtime.getTime() < before;
}

/** Bytes of all files below a directory. */
export async function bytesOf(directory: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const { name, isDirectory } of Deno.readDir(directory)) {
      const path = join(directory, name);
      bytes += isDirectory ? await bytesOf(path) : (await Deno.lstat(path)).size;
    }
  } catch {
    // It is being removed.
  }
  return bytes;
}
