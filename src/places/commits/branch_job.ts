/**
 * Room `places`: applies a job as a branch in the caller's repository. Nothing that is checked out changes, and no hook
 * runs.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Place } from "../isolation/place.ts";
import type { PlacesHome } from "../places_home.ts";
import { readRepository, type Repository } from "../snapshots/repository.ts";
import type { Uncovered } from "../snapshots/snapshot.ts";
import { storeOf } from "../snapshots/snapshot_store.ts";
import { inTurn } from "../writing/tree_lock.ts";
import { commitPlace } from "./commit_place.ts";
import { checkRefFormat, giveCommit, makeBranch } from "./user_branch.ts";

export interface BranchOutcome {
  readonly branch: string;
  readonly commit: string;
  readonly left: readonly Uncovered[];
}

/**
 * @param options.name of the branch; a number is added when it is taken
 * @param options.message of the commit for what the agent has not committed itself
 * @throws AgentAsyncError `conflict`, GitFailure, and errors of the file system, when no branch was made
 */
export async function branchJob(
  home: PlacesHome,
  place: Place,
  { name, message, signal }: { name: string; message: string; signal?: AbortSignal | undefined },
): Promise<BranchOutcome> {
  const origin = await originOf(home, place);
  return await inTurn(origin.root, async () => {
    const { commit, objects, left } = await commitPlace(home, place, { origin, message, signal });
    if (commit === place.base) {
      throw new AgentAsyncError("conflict", "The job has changed nothing that a branch could hold");
    }
    const store = await storeOf(home, origin);
    await giveCommit(store, { commit, base: place.base, objects, to: origin, signal });
    return { branch: makeBranch(origin, { name, commit }), commit, left };
  });
}

/** @throws AgentAsyncError `conflict` when the repository is gone, or cannot take a branch */
export async function originOf(home: PlacesHome, place: Place): Promise<Repository> {
  const origin = await readRepository(place.origin, home.user).catch(() => null);
  if (origin === null || origin.kind === "plain" || origin.root !== place.origin) {
    throw new AgentAsyncError("conflict", `The repository ${place.origin} is not there any more`);
  }
  checkRefFormat(origin);
  return origin;
}
