/**
 * Room `places`: makes a place: a repository of its own for a job, so that it works beside everything else. Not a linked
 * work tree, which would share stash, branches, configuration and hooks with the user.
 *
 * @module
 */
import { basename, join, relative } from "node:path";
import { AgentAsyncError } from "../../domain/errors.ts";
import {
  ensurePrivateDirectory,
  ifOurs,
  syncDirectory,
  writeDurably,
  writeNew,
} from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import { removeTree } from "../../system/files/removal.ts";
import type { PlacesHome } from "../places_home.ts";
import { headCommit, readRepository, type Repository } from "../snapshots/repository.ts";
import { freePorts } from "./free_ports.ts";
import { includeFiles } from "./include_files.ts";
import { startPacking } from "./pack_base.ts";
import { configCopyPath, type Place, placeDirectory, readPlace, recordPath } from "./place.ts";
import { placeConfig } from "./place_config.ts";
import { takeUncommitted } from "./take_uncommitted.ts";
import { currentBranch, userRefs } from "./user_refs.ts";

export interface PlaceRequest {
  /** The job's id. */
  readonly job: string;
  /** The caller's directory. */
  readonly cwd: string;
  /** `head`: as the checked-out commit; `changes`: with what is not committed yet. */
  readonly from: "head" | "changes";
}

/** Checking out a large repository on a slow machine. */
const CHECKOUT_MS = 10 * 60_000;

/**
 * Makes the place of a job. What an earlier attempt has left is removed first.
 *
 * @throws AgentAsyncError `conflict` when there is nothing that it could be made from, or the job has one already
 * @throws GitFailure, and errors of the file system; nothing is left then
 */
export async function makePlace(
  home: PlacesHome,
  request: PlaceRequest,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<Place> {
  const { job, cwd } = request;
  if (readPlace(home, job) !== null) throw new AgentAsyncError("conflict", `Job ${job} has a place already`);
  const repository = await readRepository(cwd, home.user);
  if (repository.kind === "plain") {
    throw new AgentAsyncError(
      "conflict",
      `Cannot make a place for the job: ${repository.root} is no git work tree`,
      {
        hint: 'Use isolation "none", or a directory in a git repository.',
      },
    );
  }
  const base = headCommit(repository);
  if (base === null) {
    throw new AgentAsyncError(
      "conflict",
      `Cannot make a place for the job: ${repository.root} has no commit yet`,
      {
        hint: 'Commit once, or use isolation "none".',
      },
    );
  }
  const directory = placeDirectory(home, job);
  await removeTree(directory);
  try {
    const place = await build(home, { ...request, directory, repository, base, signal });
    // Written last: without it everything else counts as the rest of a failed attempt.
    await writeDurably(recordPath(directory), new TextEncoder().encode(JSON.stringify(place)));
    syncDirectory(directory);
    startPacking(home, place);
    return place;
  } catch (error) {
    await removeTree(directory);
    throw error;
  }
}

async function build(
  home: PlacesHome,
  { job, cwd, from, directory, repository, base, signal }: PlaceRequest & {
    directory: string;
    repository: Repository;
    base: string;
    signal: AbortSignal | undefined;
  },
): Promise<Place> {
  ensurePrivateDirectory(home.places);
  ensurePrivateDirectory(directory);
  const root = join(directory, basename(repository.root) || "repository");
  const refs = userRefs(repository);
  const branch = refs.has("refs/heads/agent-async") ? `agent-async-${job}` : `agent-async/${job}`;
  const config = placeConfig(repository, home.user);
  writeNew(configCopyPath(directory), config);
  writeGitDirectory(join(root, ".git"), { repository, branch, base, refs, config });
  const run = { gitDir: join(root, ".git"), workTree: root, timeoutMs: CHECKOUT_MS, signal };
  await home.git.run(["read-tree", "-u", "--reset", base], run);
  const warnings = warningsOf(repository);
  if (from === "changes") warnings.push(...await takeUncommitted(home, { repository, root, signal }));
  warnings.push(...await includeFiles(home, { from: repository, to: root, signal }));
  const way = relative(repository.root, await Deno.realPath(cwd));
  const place = join(root, way);
  // The caller's directory may hold nothing that is committed.
  await Deno.mkdir(place, { recursive: true });
  return {
    job,
    root,
    cwd: place,
    origin: repository.root,
    branch,
    base,
    origin_branch: currentBranch(repository),
    port: freePorts(new Set(places(home).map(({ port }) => port))),
    warnings,
    made_at: new Date().toISOString(),
  };
}

/** Written by hand: `git init` and `git clone` copy templates, with the hooks of whoever set them. */
function writeGitDirectory(
  gitDir: string,
  { repository, branch, base, refs, config }: {
    repository: Repository;
    branch: string;
    base: string;
    refs: ReadonlyMap<string, string>;
    config: string;
  },
): void {
  for (const name of ["info", "hooks", "objects/info", "objects/pack", "refs/heads", "refs/tags"]) {
    Deno.mkdirSync(join(gitDir, name), { recursive: true });
  }
  Deno.writeTextFileSync(join(gitDir, "HEAD"), `ref: refs/heads/${branch}\n`);
  Deno.writeTextFileSync(join(gitDir, "config"), config);
  Deno.writeTextFileSync(join(gitDir, "objects/info/alternates"), `${quoted(repository.objects)}\n`);
  const all = new Map([...refs, [`refs/heads/${branch}`, base]]);
  Deno.writeTextFileSync(
    join(gitDir, "packed-refs"),
    [...all].map(([name, id]) => `${id} ${name}\n`).join(""),
  );
  copyText(join(repository.commonDir, "shallow"), join(gitDir, "shallow"));
  copyText(join(repository.commonDir, "info/exclude"), join(gitDir, "info/exclude"));
  copyText(join(repository.commonDir, "info/attributes"), join(gitDir, "info/attributes"));
  copyText(join(repository.gitDir, "info/sparse-checkout"), join(gitDir, "info/sparse-checkout"));
}

/** A line of `alternates`: a path with a character that means something there stands in quotes. */
function quoted(path: string): string {
  return /^["#]|[\n\\]/.test(path) ? `"${path.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"` : path;
}

function copyText(from: string, to: string): void {
  const text = readTextIfOurs(from);
  if (text !== null) Deno.writeTextFileSync(to, text);
}

function warningsOf({ root }: Repository): string[] {
  const attributes = readTextIfOurs(join(root, ".gitattributes")) ?? "";
  const warnings: string[] = [];
  if (/^[^#\n]*\sfilter=/m.test(attributes)) {
    warnings.push("Files with a filter, such as those of git-lfs, are there as the repository holds them.");
  }
  if (readTextIfOurs(join(root, ".gitmodules")) !== null) warnings.push("Submodules are not checked out.");
  return warnings;
}

/** All places that are there. */
export function places(home: PlacesHome): Place[] {
  const names = ifOurs(() => [...Deno.readDirSync(home.places)]) ?? [];
  return names.flatMap(({ name, isDirectory }) => isDirectory ? readPlace(home, name) ?? [] : []);
}
