/**
 * Room `places`: the snapshot of one repository, without those nested in it.
 *
 * @module
 */
import { join, relative, sep } from "node:path";
import { ifOurs } from "../../system/files/files.ts";
import { isWithin } from "../../system/files/within.ts";
import type { PlacesHome } from "../places_home.ts";
import { addFiles, type IndexRun } from "./add_files.ts";
import { type FileModes, readModes, updateModes } from "./file_modes.ts";
import { holdObjects } from "./hold_objects.ts";
import { excludeArguments, headCommit, type PlainDirectory, type Repository } from "./repository.ts";
import type { Noted, Uncovered } from "./snapshot.ts";
import type { SnapshotStore } from "./snapshot_store.ts";
import { startIndex } from "./start_index.ts";
import { sortTouched, touchedPaths } from "./touched_files.ts";
import { readListing, type Sorted, sortFiles } from "./work_files.ts";

/** A directory without git is looked at from nothing, so it has to be small. */
export const PLAIN_LIMITS = { files: 5_000, bytes: 64 * 1024 * 1024, ms: 10_000 } as const;

const TOO_LARGE = `the directory is no git work tree and has more than ${PLAIN_LIMITS.files} files or ${
  PLAIN_LIMITS.bytes >> 20
} MiB`;

/** Bytes of changed and new files: beyond it a snapshot would fill the disk rather than help. */
const MAX_NEW_BYTES = 1024 * 1024 * 1024;

/** A reason not to take a snapshot, said as it is. */
export class NoSnapshot extends Error {}

export interface TakenPart {
  tree: string;
  head: string | null;
  modes: FileModes | null;
  nested: readonly string[];
  noted: Noted[];
  uncovered: Uncovered[];
}

/** @throws NoSnapshot, GitFailure, and errors of the file system */
export async function takePart(
  home: PlacesHome,
  { store, tree, objects, signal }: {
    store: SnapshotStore;
    tree: Repository | PlainDirectory;
    objects: readonly string[];
    signal: AbortSignal;
  },
): Promise<TakenPart> {
  checkPatternFiles(tree.root);
  using index = await startIndex(store, tree, { user: home.user, signal });
  const run = { index: index.path, workTree: tree.root, alternates: objects, signal };
  const head = tree.kind === "git" ? headCommit(tree) : null;
  const excludes = [...excludeArguments(tree, home.user), ...oursExcluded(home, tree.root)];
  const [listing, touched] = await Promise.all([
    store.run(["ls-files", "-z", "-t", "-o", "-m", "-d", "--deduplicate", ...excludes], {
      ...run,
      ...(tree.kind === "plain" ? { timeoutMs: PLAIN_LIMITS.ms } : {}),
    }),
    // Only where permissions are known and may have changed.
    index.remembered.modes == null ? [] : touchedPaths(store, run),
  ]);
  const listed = readListing(listing, { again: [...index.again, ...index.remembered.noted] });
  if (tree.kind === "plain" && listed.others.size > PLAIN_LIMITS.files) throw new NoSnapshot(TOO_LARGE);
  const sorted = await sortFiles(tree.root, listed);
  await sortTouched(tree.root, { touched, young: index.remembered.young ?? [], sorted });
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
  index.keep({ ...remembered, modes, young: modes === null ? [] : [...sorted.young] });
  return { tree: written, head, modes, nested: listed.nested, noted: sorted.noted, uncovered };
}

/** Git would wait for ever for somebody to write into a pipe of such a name. @throws NoSnapshot */
function checkPatternFiles(root: string): void {
  for (const name of [".gitignore", ".gitattributes"]) {
    const info = ifOurs(() => Deno.lstatSync(join(root, name)));
    if (info === null || info.isFile || info.isSymlink || info.isDirectory) continue;
    throw new NoSnapshot(`no snapshot could be taken: ${name} is neither a file nor a symbolic link`);
  }
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
  return await readModes(root, text.split("\0").filter((path) => path !== ""), sorted);
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
  if (way === "" || !isWithin(home.state, root)) return [staging];
  return [staging, `--exclude=/${way.split(sep).join("/").replace(/[\\*?[\]!#\s]/g, "\\$&")}/`];
}
