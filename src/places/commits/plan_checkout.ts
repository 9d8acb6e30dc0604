/**
 * Room `places`: what has to be written to come from one commit to another in the user's work tree. Both are checked out
 * beside it, with the user's conversions, so that bytes are compared with bytes.
 *
 * @module
 */
import { join } from "node:path";
import { ensurePrivateDirectory } from "../../system/files/files.ts";
import { isSame } from "../changes/small_tree.ts";
import type { PlacesHome } from "../places_home.ts";
import type { RawChange } from "../snapshots/hold_objects.ts";
import type { Repository } from "../snapshots/repository.ts";
import { storeOf } from "../snapshots/snapshot_store.ts";
import type { FileWrite } from "../writing/file_write.ts";
import type { Conflict } from "../writing/merge_trees.ts";
import { presentTree } from "../writing/present_tree.ts";
import { planWrites } from "../writing/write_plan.ts";
import type { CleanGit } from "./clean_git.ts";

export interface CheckoutRequest {
  readonly origin: Repository;
  readonly clean: CleanGit;
  /** Between the two commits. */
  readonly changes: readonly RawChange[];
  readonly objects: readonly string[];
  readonly from: string;
  readonly to: string;
  /** A directory for the two checkouts. */
  readonly scratch: string;
  readonly signal: AbortSignal | undefined;
}

export async function planCheckout(
  home: PlacesHome,
  request: CheckoutRequest,
): Promise<{ writes: FileWrite[]; conflicts: Conflict[] }> {
  const { origin, changes, objects, from, to, scratch, signal } = request;
  const impossible = await whatOnlyTheUserCan(request);
  if (impossible.length > 0) return { writes: [], conflicts: impossible };
  const store = await storeOf(home, origin);
  const paths = changes.map(({ path }) => path);
  const read = (root: string) => presentTree(store, { root, paths, objects, signal });
  await checkOut(request, from, join(scratch, "from"));
  await checkOut(request, to, join(scratch, "to"));
  const [was, wanted, present] = [
    await read(join(scratch, "from")),
    await read(join(scratch, "to")),
    await read(origin.root),
  ];
  const problems = [...was.problems, ...wanted.problems, ...present.problems];
  const conflicts: Conflict[] = problems.map(({ path, why }) => ({ path, lines: null, why }));
  for (const path of paths) {
    const is = present.entries.get(path);
    if (isSame(is, was.entries.get(path)) || isSame(is, wanted.entries.get(path))) continue;
    conflicts.push({
      path,
      lines: null,
      why: is === undefined ? "was deleted here" : "has uncommitted changes",
    });
  }
  const writes = planWrites({ from: present.entries, to: wanted.entries }, {
    at: "",
    store: store.name,
    objects,
  });
  return { writes, conflicts };
}

async function checkOut(
  { origin, clean, changes, objects, signal }: CheckoutRequest,
  commit: string,
  directory: string,
): Promise<void> {
  ensurePrivateDirectory(directory);
  const index = clean.git.temporary();
  const run = { index, workTree: origin.root, alternates: objects, objects: clean.objects, signal };
  await clean.git.run(["read-tree", commit], run);
  const { text } = await clean.git.run(["ls-files", "-z"], run);
  const there = new Set(text.split("\0"));
  const stdin = changes.filter(({ path }) => there.has(path)).map(({ path }) => `${path}\0`).join("");
  await clean.git.run(["checkout-index", "-q", "-f", "-z", "--stdin", `--prefix=${directory}/`], {
    ...run,
    stdin,
  });
}

/** Submodules and filtered files: to write them takes programs that only the user's own git may run. */
async function whatOnlyTheUserCan(
  { origin, clean, changes, objects, signal }: CheckoutRequest,
): Promise<Conflict[]> {
  const found: Conflict[] = changes
    .filter(({ before, after }) => before?.mode === "160000" || after?.mode === "160000")
    .map(({ path }) => ({ path, lines: null, why: "is a submodule" }));
  const stdin = changes.map(({ path }) => `${path}\0`).join("");
  const run = { workTree: origin.root, alternates: objects, objects: clean.objects, signal, stdin };
  const { text } = await clean.git.run(["check-attr", "-z", "--stdin", "filter"], run);
  const words = text.split("\0");
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [path = "", , value = ""] = words.slice(at, at + 3);
    if (value === "unspecified" || value === "unset") continue;
    found.push({ path, lines: null, why: `has the filter ${value}, which only your own git may run` });
  }
  return found;
}
