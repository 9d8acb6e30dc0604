/**
 * Room `places`: a branch in the user's repository, written as git writes it: objects first, then the name, under its
 * lock.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { AgentAsyncError } from "../../domain/errors.ts";
import { userRefs } from "../isolation/user_refs.ts";
import { type Repository, valueOf } from "../snapshots/repository.ts";
import { committerOf, logRef } from "./reflog.ts";
import type { SnapshotStore } from "../snapshots/snapshot_store.ts";

/** Names that are tried before giving up. */
const MAX_SUFFIX = 1_000;

/**
 * Copies a commit, with what the user's repository does not have of it, into a pack there.
 *
 * @param options.objects where the commit's objects are
 * @param options.base an ancestor that the user's repository had; what leads to it is not copied again
 */
export async function giveCommit(
  store: SnapshotStore,
  { commit, base, objects, to, signal }: {
    commit: string;
    base: string;
    objects: readonly string[];
    to: Repository;
    signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const alternates = [...new Set([...objects, to.objects])];
  // Without the user's objects it is not known what they lack: then everything is copied.
  const has = await store.run(["cat-file", "-e", `${base}^{tree}`], {
    alternates: [to.objects],
    objects: to.objects,
    codes: [1, 128],
    signal,
  });
  const stdin = `${commit}\n${has.code === 0 ? `^${base}\n` : ""}`;
  const args = ["pack-objects", "-q", "--revs", "--delta-base-offset", join(to.objects, "pack", "pack")];
  await store.run(args, { alternates, stdin, signal });
}

/** @throws AgentAsyncError `conflict` where branches are not files */
export function checkRefFormat({ settings, root }: Repository): void {
  const format = valueOf(settings, "extensions.refstorage")?.toLowerCase() ?? "files";
  if (format === "files") return;
  throw new AgentAsyncError(
    "conflict",
    `Cannot write a branch in ${root}: it keeps its branches as ${format}`,
    {
      hint: "Apply it as a patch instead.",
    },
  );
}

/**
 * Makes a branch; a name that is taken gets a number.
 *
 * @returns the branch's name
 */
export function makeBranch(
  repository: Repository,
  { name, commit }: { name: string; commit: string },
): string {
  checkRefFormat(repository);
  for (let suffix = 1; suffix < MAX_SUFFIX; suffix++) {
    const branch = suffix === 1 ? name : `${name}-${suffix}`;
    if (isTaken(userRefs(repository, { limit: Infinity }), `refs/heads/${branch}`)) continue;
    const ref = `refs/heads/${branch}`;
    if (!writeRef(repository, { ref, from: null, to: commit })) continue;
    const what = "agent-async: branch of a job's work";
    logRef(repository.commonDir, ref, {
      from: commit.replace(/./g, "0"),
      to: commit,
      who: committerOf(repository),
      what,
    });
    return branch;
  }
  throw new AgentAsyncError("conflict", `Cannot make a branch ${name}: too many have that name`);
}

function isTaken(refs: ReadonlyMap<string, string>, name: string): boolean {
  return [...refs.keys()].some((ref) =>
    ref === name || ref.startsWith(`${name}/`) || name.startsWith(`${ref}/`)
  );
}

/**
 * Moves a branch, when it still is at `from`.
 *
 * @param change.from `null`: there is no such branch
 * @returns whether it was moved; `false` when somebody else holds its lock or has moved it
 */
export function writeRef(
  repository: Pick<Repository, "commonDir">,
  { ref, from, to }: { ref: string; from: string | null; to: string },
): boolean {
  const path = join(repository.commonDir, ...ref.split("/"));
  const lock = `${path}.lock`;
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(lock, `${to}\n`, { createNew: true });
  } catch {
    return false;
  }
  try {
    const present = userRefs(repository, { limit: Infinity }).get(ref) ?? null;
    if (present !== from) return false;
    Deno.renameSync(lock, path);
    return true;
  } finally {
    try {
      Deno.removeSync(lock);
    } catch {
      // It was renamed.
    }
  }
}
