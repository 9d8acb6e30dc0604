/**
 * Room `places`: takes a snapshot of a work tree: the bytes on disk as a tree of ours. The user's index, branches,
 * stash and objects are only read.
 *
 * @module
 */
import { join } from "node:path";
import { messageOf } from "../../domain/errors.ts";
import { faultName } from "../../domain/disk_fault.ts";
import { within } from "../../system/deadline.ts";
import { GitFailure } from "../git/git_failure.ts";
import type { PlacesHome } from "../places_home.ts";
import { type PlainDirectory, readRepository, type Repository } from "./repository.ts";
import { lookAtPlain, rememberedPlain, rememberPlain } from "./remembered_plain.ts";
import type { Noted, SnapshotPart, SnapshotResult, Uncovered } from "./snapshot.ts";
import { storeOf } from "./snapshot_store.ts";
import { NoSnapshot, takePart } from "./take_part.ts";

export { PLAIN_LIMITS } from "./take_part.ts";

export interface SnapshotOptions {
  readonly signal?: AbortSignal | undefined;
  /** Ms for the whole; {@link MAX_MS} by default. */
  readonly timeoutMs?: number;
  /** The repository that a place was made from: its store holds the snapshots of the place too. */
  readonly origin?: string | undefined;
}

/** A turn does not wait longer for its snapshot. */
const MAX_MS = 60_000;

/** Repositories below the work tree that get parts of their own. */
const MAX_NESTED = 20;
const MAX_DEPTH = 4;

/**
 * A snapshot of the work tree that `directory` lies in, or of the directory itself outside of git. Never throws: what
 * fails is the reason.
 */
export async function takeSnapshot(
  home: PlacesHome,
  directory: string,
  options: SnapshotOptions = {},
): Promise<SnapshotResult> {
  const { timeoutMs = MAX_MS } = options;
  const ending = new AbortController();
  const signal = options.signal === undefined
    ? ending.signal
    : AbortSignal.any([ending.signal, options.signal]);
  // What waits for something else than git, such as a disk that hangs, goes on without us.
  const result = await within(timeoutMs, take(home, directory, { ...options, signal }));
  ending.abort();
  return result ?? { kind: "none", reason: "a snapshot took too long" };
}

async function take(
  home: PlacesHome,
  directory: string,
  options: SnapshotOptions & { signal: AbortSignal },
): Promise<SnapshotResult> {
  const { signal } = options;
  try {
    const tree = await readRepository(directory, home.user);
    const look = tree.kind === "plain" ? lookAtPlain(tree.root, Date.now()) : null;
    const known = look === null ? null : rememberedPlain(home, tree.root, look);
    if (known !== null) return { kind: "taken", snapshot: known };
    const origin = options.origin === undefined ? null : await readOrigin(home, options.origin, tree);
    const found: Found = { parts: [], noted: [], uncovered: [] };
    await addPart(home, tree, { at: "", depth: 0, origin, found, signal });
    const snapshot = { root: tree.root, ...found };
    if (look !== null) rememberPlain(home, look, snapshot);
    return { kind: "taken", snapshot };
  } catch (error) {
    return { kind: "none", reason: reasonOf(error) };
  }
}

/** Also of an origin that was moved or removed: its store is still there, and holds what its places change. */
async function readOrigin(
  home: PlacesHome,
  root: string,
  place: Repository | PlainDirectory,
): Promise<Repository> {
  const found = await readRepository(root, home.user).catch(() => null);
  if (found?.kind === "git") return found;
  const gitDir = join(root, ".git");
  return {
    kind: "git",
    root,
    gitDir,
    commonDir: gitDir,
    objects: join(gitDir, "objects"),
    objectFormat: place.kind === "git" ? place.objectFormat : "sha1",
    settings: [],
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof NoSnapshot) return error.message;
  const fault = error instanceof GitFailure ? faultName(new Error(error.errors)) : faultName(error);
  return `no snapshot could be taken: ${fault ?? messageOf(error)}`;
}

interface Found {
  readonly parts: SnapshotPart[];
  readonly noted: Noted[];
  readonly uncovered: Uncovered[];
}

interface PartOptions {
  readonly at: string;
  readonly depth: number;
  readonly origin: Repository | PlainDirectory | null;
  readonly found: Found;
  readonly signal: AbortSignal;
}

async function addPart(
  home: PlacesHome,
  tree: Repository | PlainDirectory,
  { at, depth, origin, found, signal }: PartOptions,
): Promise<void> {
  const store = await storeOf(home, origin ?? tree);
  const objects = [tree, ...(origin === null ? [] : [origin])]
    .flatMap((source) => source.kind === "git" ? [source.objects] : []);
  const taken = await takePart(home, { store, tree, objects, signal });
  const prefix = at === "" ? "" : `${at}/`;
  found.parts.push({
    at,
    store: store.name,
    objects,
    tree: taken.tree,
    head: taken.head,
    ...(taken.modes === null ? {} : { modes: taken.modes }),
  });
  found.noted.push(...taken.noted.map((noted) => ({ ...noted, path: prefix + noted.path })));
  found.uncovered.push(...taken.uncovered.map((item) => ({ ...item, path: prefix + item.path })));
  for (const path of taken.nested) {
    const way = prefix + path;
    const nested = await readRepository(join(tree.root, path), home.user).catch(() => null);
    if (nested?.kind !== "git" || nested.root !== join(tree.root, path)) {
      found.uncovered.push({ path: way, why: "is a repository of its own that cannot be read" });
    } else if (found.parts.length > MAX_NESTED || depth >= MAX_DEPTH) {
      found.uncovered.push({ path: way, why: "is a repository of its own, one of too many" });
    } else await addPart(home, nested, { at: way, depth: depth + 1, origin: null, found, signal });
  }
}
