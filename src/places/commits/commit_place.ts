/**
 * Room `places`: a commit of everything that a place holds: the agent's own commits, and one more for what it has not
 * committed. No hook runs.
 *
 * @module
 */
import { join } from "node:path";
import { AgentAsyncError } from "../../domain/errors.ts";
import { ifOurs, removeIfExists } from "../../system/files/files.ts";
import type { Place } from "../isolation/place.ts";
import type { PlacesHome } from "../places_home.ts";
import { addFiles } from "../snapshots/add_files.ts";
import { excludeArguments, headCommit, readRepository, type Repository } from "../snapshots/repository.ts";
import type { Uncovered } from "../snapshots/snapshot.ts";
import { readListing, sortFiles } from "../snapshots/work_files.ts";
import { cleanGit } from "./clean_git.ts";

export interface PlaceCommit {
  /** Its objects are in the store, the place and the user's repository together. */
  readonly commit: string;
  /** Object directories of the place and of the user's repository. */
  readonly objects: readonly string[];
  /** What is not part of it. */
  readonly left: readonly Uncovered[];
}

/**
 * @param options.origin the repository that the place was made from
 * @param options.message of the commit for what the agent has not committed
 * @throws AgentAsyncError `conflict` when the place's `.git` is not what we made
 */
export async function commitPlace(
  home: PlacesHome,
  place: Place,
  { origin, message, signal }: { origin: Repository; message: string; signal?: AbortSignal | undefined },
): Promise<PlaceCommit> {
  const repository = await placeRepository(home, place);
  const head = headCommit(repository) ?? place.base;
  await using clean = await cleanGit(home, origin);
  const { git } = clean;
  const alternates = [repository.objects, origin.objects];
  const index = git.temporary();
  const run = { index, workTree: place.root, alternates, objects: clean.objects, signal };
  try {
    await git.run(["read-tree", head], run);
    const args = ["ls-files", "-z", "-t", "-o", "-m", "-d", "--deduplicate"];
    const listing = await git.run([...args, ...excludeArguments(repository, home.user)], run);
    const listed = readListing(listing, { again: [] });
    const sorted = await sortFiles(place.root, listed);
    // A submodule that is not checked out is an empty directory: it stays as it is committed.
    const gone = sorted.remove.filter((path) =>
      !(ifOurs(() => Deno.statSync(join(place.root, path)).isDirectory) ?? false)
    );
    const known = new Set(sorted.noted.map(({ path }) => path));
    const stdin = gone.filter((path) => !known.has(path)).map((path) => `${path}\0`).join("");
    if (stdin !== "") await git.run(["update-index", "-z", "--force-remove", "--stdin"], { ...run, stdin });
    const failed = await addFiles(git, sorted.add, run);
    const tree = await git.line(["write-tree", "--missing-ok"], run);
    const isSame = tree === await git.line(["rev-parse", `${head}^{tree}`], run);
    const commit = isSame
      ? head
      : await git.line(["commit-tree", "-p", head, "-F", "-", tree], { ...run, stdin: message });
    const left = [
      ...sorted.noted.map(({ path }) => ({ path, why: "may hold a key, or is too large" })),
      ...listed.nested.map((path) => ({ path, why: "is a repository of its own" })),
      ...sorted.uncovered,
      ...failed,
    ];
    return { commit, objects: alternates, left };
  } finally {
    for (const path of [index, `${index}.lock`]) removeIfExists(path);
  }
}

/** The place's repository, provided that its `.git` is still a directory of its own. */
async function placeRepository(home: PlacesHome, place: Place): Promise<Repository> {
  const repository = await readRepository(place.root, home.user);
  const expected = join(await Deno.realPath(place.root), ".git");
  if (repository.kind === "git" && repository.gitDir === expected && repository.commonDir === expected) {
    return repository;
  }
  throw new AgentAsyncError(
    "conflict",
    `The repository of the place ${place.root} is not the one that was made there`,
    {
      hint: "Apply it as a patch instead.",
    },
  );
}
