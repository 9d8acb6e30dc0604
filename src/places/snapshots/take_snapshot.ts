/**
 * Room `places`: takes a snapshot of a work tree: the bytes on disk as a tree of ours. The user's index, branches,
 * stash and objects are only read.
 *
 * @module
 */
import { join, relative, sep } from "node:path";
import { messageOf } from "../../domain/errors.ts";
import { faultName } from "../../domain/disk_fault.ts";
import { GitFailure } from "../git/git_failure.ts";
import type { PlacesHome } from "../places_home.ts";
import { addFiles, type IndexRun } from "./add_files.ts";
import { type FileModes, readModes, updateModes } from "./file_modes.ts";
import { holdObjects } from "./hold_objects.ts";
import {
  excludeArguments,
  headCommit,
  type PlainDirectory,
  readRepository,
  type Repository,
} from "./repository.ts";
import type { Noted, Snapshot, SnapshotPart, SnapshotResult, Uncovered } from "./snapshot.ts";
import { type SnapshotStore, storeOf } from "./snapshot_store.ts";
import { startIndex } from "./start_index.ts";
import { readListing, type Sorted, sortFiles } from "./work_files.ts";

export interface SnapshotOptions {
  readonly signal?: AbortSignal | undefined;
  /** Ms for the whole; {@link MAX_MS} by default. */
  readonly timeoutMs?: number;
  /** The repository that a place was made from: its store holds the snapshots of the place too. */
  readonly origin?: string | undefined;
}

/** A turn does not wait longer for its snapshot. */
const MAX_MS = 60_000;

/** A directory without git is looked at from nothing, so it has to be small. */
export const PLAIN_LIMITS = { files: 5_000, bytes: 64 * 1024 * 1024, ms: 10_000 } as const;

const TOO_LARGE = `the directory is no git work tree and has more than ${PLAIN_LIMITS.files} files or ${
  PLAIN_LIMITS.bytes >> 20
} MiB`;

/** Bytes of changed and new files: beyond it a snapshot would fill the disk rather than help. */
const MAX_NEW_BYTES = 1024 * 1024 * 1024;

/** Repositories below the work tree that get parts of their own. */
const MAX_NESTED = 20;
const MAX_DEPTH = 4;

/** A reason not to take a snapshot, said as it is. */
class NoSnapshot extends Error {}

/**
 * A snapshot of the work tree that `directory` lies in, or of the directory itself outside of git. Never throws: what
 * fails is the reason.
 */
export async function takeSnapshot(
  home: PlacesHome,
  directory: string,
  options: SnapshotOptions = {},
): Promise<SnapshotResult> {
  const late = AbortSignal.timeout(options.timeoutMs ?? MAX_MS);
  const signal = options.signal === undefined ? late : AbortSignal.any([late, options.signal]);
  try {
    const tree = await readRepository(directory, home.user);
    const origin = options.origin === undefined ? null : await readRepository(options.origin, home.user);
    const found: Found = { parts: [], noted: [], uncovered: [] };
    await addPart(home, tree, { at: "", depth: 0, origin, found, signal });
    return { kind: "taken", snapshot: { root: tree.root, ...found } };
  } catch (error) {
    return { kind: "none", reason: late.aborted ? "a snapshot took too long" : reasonOf(error) };
  }
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

interface Taken {
  tree: string;
  head: string | null;
  modes: FileModes | null;
  nested: readonly string[];
  noted: Noted[];
  uncovered: Uncovered[];
}

async function takePart(
  home: PlacesHome,
  { store, tree, objects, signal }: {
    store: SnapshotStore;
    tree: Repository | PlainDirectory;
    objects: readonly string[];
    signal: AbortSignal;
  },
): Promise<Taken> {
  using index = await startIndex(store, tree, { user: home.user, signal });
  const run = { index: index.path, workTree: tree.root, alternates: objects, signal };
  const head = tree.kind === "git" ? headCommit(tree) : null;
  const excludes = [...excludeArguments(tree, home.user), ...oursExcluded(home, tree.root)];
  const listing = await store.run(["ls-files", "-z", "-t", "-o", "-m", "-d", "--deduplicate", ...excludes], {
    ...run,
    ...(tree.kind === "plain" ? { timeoutMs: PLAIN_LIMITS.ms } : {}),
  });
  const listed = readListing(listing, { again: [...index.again, ...index.remembered.noted] });
  if (tree.kind === "plain" && listed.others.size > PLAIN_LIMITS.files) throw new NoSnapshot(TOO_LARGE);
  const sorted = await sortFiles(tree.root, listed);
  const remembered = rememberedAfter(tree, { index, listed, sorted });
  if (sorted.remove.length > 0) {
    const stdin = sorted.remove.map((path) => `${path}\0`).join("");
    await store.run(["update-index", "-z", "--force-remove", "--stdin"], { ...run, stdin });
  }
  const uncovered = [...listed.uncovered, ...sorted.uncovered, ...await addFiles(store, sorted.add, run)];
  let written = await store.line(["write-tree", "--missing-ok"], run);
  const missing = await holdObjects(store, written, { head, alternates: objects, signal });
  if (missing.length > 0) {
    // The last index knew these files; their content went with the user's garbage collection.
    const stdin = missing.map((path) => `${path}\0`).join("");
    await store.run(["update-index", "-z", "--force-remove", "--stdin"], { ...run, stdin });
    uncovered.push(...await addFiles(store, missing, run));
    written = await store.line(["write-tree", "--missing-ok"], run);
  }
  const modes = await modesOf({ store, root: tree.root, run, known: index.remembered.modes, sorted });
  index.keep({ ...remembered, modes });
  return { tree: written, head, modes, nested: listed.nested, noted: sorted.noted, uncovered };
}

async function modesOf(
  { store, root, run, known, sorted }: {
    store: SnapshotStore;
    root: string;
    run: IndexRun;
    known: FileModes | null | undefined;
    sorted: Sorted;
  },
): Promise<FileModes | null> {
  if (known !== undefined) return known === null ? null : updateModes(known, sorted.bits);
  const { text } = await store.run(["ls-files", "-z"], run);
  return await readModes(root, text.split("\0").filter((path) => path !== ""));
}

/** What the next snapshot has to know. @throws NoSnapshot beyond the limits */
function rememberedAfter(
  tree: Repository | PlainDirectory,
  { index, listed, sorted }: {
    index: Awaited<ReturnType<typeof startIndex>>;
    listed: ReturnType<typeof readListing>;
    sorted: Awaited<ReturnType<typeof sortFiles>>;
  },
) {
  if (sorted.bytes > MAX_NEW_BYTES) {
    throw new NoSnapshot(`more than ${MAX_NEW_BYTES >> 30} GiB of files are new or changed`);
  }
  const before = index.remembered;
  // A tracked file that is or becomes ignored is listed nowhere once it has left the index.
  const noted = sorted.noted.map(({ path }) => path)
    .filter((path) => before.noted.includes(path) || !listed.others.has(path));
  const files = before.files + sorted.add.filter((path) => listed.others.has(path)).length -
    sorted.remove.length;
  const bytes = before.bytes + sorted.newBytes;
  if (tree.kind === "plain" && (files > PLAIN_LIMITS.files || bytes > PLAIN_LIMITS.bytes)) {
    throw new NoSnapshot(TOO_LARGE);
  }
  return { ...before, noted, files: Math.max(0, files), bytes };
}

/** What is ours is never part of a snapshot: the state directory, and files that are being written. */
function oursExcluded(home: PlacesHome, root: string): string[] {
  const staging = "--exclude=/.agent-async-*-*-*-*-*/";
  const way = relative(root, home.state);
  if (way === "" || way.startsWith("..")) return [staging];
  return [staging, `--exclude=/${way.split(sep).join("/").replace(/[\\*?[\]!#\s]/g, "\\$&")}/`];
}

export type { Snapshot, SnapshotResult };
