/**
 * Room `places`: applies a job as a merge into the branch that the caller has checked out: branch, index and files
 * together, or nothing. No hook and no filter runs. What is staged or changed in other files stays so.
 *
 * @module
 */
import { join } from "node:path";
import { AgentAsyncError } from "../../domain/errors.ts";
import { ifOurs, removeIfExists } from "../../system/files/files.ts";
import { removeTree } from "../../system/files/removal.ts";
import type { Place } from "../isolation/place.ts";
import { currentBranch } from "../isolation/user_refs.ts";
import type { PlacesHome } from "../places_home.ts";
import { type RawChange, readRawChanges } from "../snapshots/hold_objects.ts";
import { headCommit, type Repository } from "../snapshots/repository.ts";
import { storeOf } from "../snapshots/snapshot_store.ts";
import { filesOf, type WriteOutcome } from "../writing/outcome.ts";
import { inTurn } from "../writing/tree_lock.ts";
import { recoverWrites, writeFiles } from "../writing/write_journal.ts";
import { obstacles } from "../writing/write_plan.ts";
import { originOf } from "./branch_job.ts";
import { type CleanGit, cleanGit } from "./clean_git.ts";
import { commitPlace } from "./commit_place.ts";
import { lockIndex } from "./lock_index.ts";
import { mergeCommits } from "./merge_commits.ts";
import { planCheckout } from "./plan_checkout.ts";
import { committerOf } from "./reflog.ts";
import { giveCommit } from "./user_branch.ts";

/**
 * @param options.message of the merge, and of the commit for what the agent has not committed itself
 * @throws AgentAsyncError `conflict`, GitFailure, and errors of the file system, when nothing was changed
 */
export async function mergeJob(
  home: PlacesHome,
  place: Place,
  { message, signal }: { message: string; signal?: AbortSignal | undefined },
): Promise<WriteOutcome> {
  const origin = await originOf(home, place);
  return await inTurn(origin.root, async () => {
    await recoverWrites(home, { root: origin.root });
    const [branch, head] = [checkedOut(origin), headCommit(origin)];
    if (head === null) throw new AgentAsyncError("conflict", `${origin.root} has no commit to merge with`);
    const { commit, objects, left } = await commitPlace(home, place, { origin, message, signal });
    await using clean = await cleanGit(home, origin);
    const run = { alternates: objects, objects: clean.objects, signal };
    const merged = await mergeCommits(clean.git, { head, commit, message }, run);
    if (merged.kind === "conflicts") return merged;
    if (merged.commit === head) return { kind: "done", files: [], left };
    const args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", head, merged.commit];
    const { changes } = readRawChanges((await clean.git.run(args, run)).text);
    const store = await storeOf(home, origin);
    await giveCommit(store, { commit: merged.commit, base: head, objects, to: origin, signal });
    const ref = `refs/heads/${branch}`;
    return await checkOut(home, {
      origin,
      clean,
      changes,
      objects,
      move: { ref, from: head, to: merged.commit },
      left,
      signal,
    });
  });
}

async function checkOut(
  home: PlacesHome,
  { origin, clean, changes, objects, move, left, signal }: {
    origin: Repository;
    clean: CleanGit;
    changes: readonly RawChange[];
    objects: readonly string[];
    move: { ref: string; from: string; to: string };
    left: Awaited<ReturnType<typeof commitPlace>>["left"];
    signal: AbortSignal | undefined;
  },
): Promise<WriteOutcome> {
  const scratch = clean.git.temporary();
  const locked = await lockIndex(clean, { origin, changes, head: move.from, objects, signal });
  if (locked.kind === "conflicts") return locked;
  const { commonDir, gitDir } = origin;
  const then = {
    commonDir,
    gitDir,
    who: committerOf(origin),
    ...move,
    index: locked.index,
    lock_sha256: locked.sha256,
  };
  try {
    const planned = await planCheckout(home, { origin, clean, changes, objects, ...move, scratch, signal });
    const conflicts = [...planned.conflicts, ...await obstacles(origin.root, planned.writes)];
    if (conflicts.length > 0) return { kind: "conflicts", conflicts };
    const failed = await writeFiles(home, origin.root, planned.writes, { then });
    if (failed.length > 0) return { kind: "conflicts", conflicts: failed };
    return { kind: "done", files: filesOf(planned.writes), left };
  } finally {
    // After success it was renamed.
    if (locked.isOurs()) removeIfExists(`${locked.index}.lock`);
    await removeTree(scratch);
  }
}

/** The branch that is checked out. @throws AgentAsyncError `conflict` when nothing can be merged into it now */
function checkedOut(origin: Repository): string {
  const branch = currentBranch(origin);
  const refuse = (problem: string) => {
    return new AgentAsyncError("conflict", `Cannot merge into ${origin.root}: ${problem}`, {
      hint: "Apply it as a patch, or as a branch.",
    });
  };
  if (branch === null) throw refuse("its HEAD is detached");
  for (const name of ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"]) {
    if (ifOurs(() => Deno.lstatSync(join(origin.gitDir, name))) !== null) {
      throw refuse("a merge, rebase or cherry-pick is under way there");
    }
  }
  return branch;
}
