/**
 * Room `service`, part of `LocalService`: what a job has changed on disk.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Job } from "../../domain/job/job.ts";
import { mayWrite } from "../../domain/agent/policy.ts";
import { diffPage } from "../../places/changes/diff_page.ts";
import { jobChange } from "../../places/changes/job_change.ts";
import { listChanges } from "../../places/changes/list_changes.ts";
import type { PlacesHome } from "../../places/places_home.ts";
import { GitFailure } from "../../places/git/git_failure.ts";
import { isIsolated, whereOf } from "../../scheduler/turn/where.ts";
import { type JobChanges, readJobChanges } from "../../scheduler/views/job_changes.ts";
import type { Answer, CheckedRequest } from "../job_service.ts";
import { conflictsWith } from "./conflicts_with.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { fileFailure } from "./file_failure.ts";
import { isBelow, pathInChange } from "./path_in_change.ts";

/** @throws {AgentAsyncError} `not_found`; `conflict` where no snapshot tells what changed. */
export async function diffOf(
  { job_id, path: asked, stat, cursor }: CheckedRequest<"diff">,
  dependencies: LocalDependencies,
  { signal }: { signal?: AbortSignal | undefined },
): Promise<Answer<"diff">> {
  const job = await findJobOrThrow(dependencies.store, job_id);
  const home = placesOf(dependencies);
  const work = changesOf(job, dependencies);
  return await asGitSays(job_id, home, async () => {
    const applied = isApplied(job, work);
    const facts = {
      job_id,
      base: work.base,
      applied,
      conflicts_with: await conflictsWith(job, work, dependencies),
      notes: notesOf(work),
    };
    const whole = work.changes.length === 0
      ? null
      : await jobChange(home, work.changes.map(({ change }) => change));
    const roots = [...whole === null ? [] : [whole.root], whereOf(job, home).root, job.tree.root];
    const path = pathInChange(asked, roots);
    if (whole === null) return { ...facts, root: job.tree.root, files: [], ...(stat ? {} : { patch: "" }) };
    const files = await listChanges(home, whole, { signal });
    const inside = path === undefined ? files : files.filter((file) => isBelow(file.path, path));
    const page = stat ? {} : await diffPage(home, whole, { path, cursor, signal });
    return { ...facts, root: whole.root, files: inside, ...page };
  });
}

/** @throws {AgentAsyncError} `conflict` with the reason where nothing is known of what the job changed. */
export function changesOf(job: Job, { directories }: LocalDependencies): JobChanges {
  const work = readJobChanges(job, directories);
  if (work.known > 0) return work;
  const [first] = work.unknown;
  const why = first !== undefined
    ? first.reason
    : !mayWrite(job.approval_policy)
    ? `it runs under ${job.approval_policy}, which may not write`
    : job.state.status === "pending" || job.state.status === "running"
    ? "no turn of it has ended yet"
    : "no snapshots were taken of it";
  throw new AgentAsyncError("conflict", `What job ${job.id} changed is not known (no_snapshot): ${why}`, {
    hint: "Look at its directory with git, or at its events with job_events.",
  });
}

/** @throws {AgentAsyncError} `conflict` where this daemon takes no snapshots. */
export function placesOf({ scheduler }: LocalDependencies): PlacesHome {
  const { places } = scheduler.options;
  if (places !== undefined) return places;
  throw new AgentAsyncError("conflict", "No snapshots are taken here");
}

/**
 * Whether the changes are in the caller's repository. Those of a job that worked there itself are, but for what was taken
 * back; those of a job with a place of its own only when they were taken over.
 */
export function isApplied(job: Job, { changes }: JobChanges): boolean {
  const last = changes.at(-1)?.turn ?? 0;
  return isIsolated(job) ? last > 0 && last <= (job.work?.applied ?? 0) : last > (job.work?.undone ?? 0);
}

function notesOf({ unknown, changes, ignored }: JobChanges): string[] {
  const uncovered = changes.flatMap(({ change }) => change.uncovered);
  const mixed = changes.flatMap(({ change }) => change.mixed ?? []);
  return [
    ...unknown.map(({ turn, reason }) => `What turn ${turn} changed is not known: ${reason}.`),
    ...[...new Set(uncovered.map(({ path, why }) => `${path} ${why}.`))],
    ...(mixed.length === 0 ? [] : [`Others changed these files between two turns: ${mixed.join(", ")}.`]),
    ...(ignored.length === 0 ? [] : [
      `Its agent has changed files that git ignores, which are neither shown nor taken back: ${
        ignored.join(", ")
      }.`,
    ]),
    ...(changes.some(({ change }) => change.parts.some(({ modes }) => modes === undefined))
      ? ["Of permissions only whether a file is executable is kept, since there are too many files."]
      : []),
    "Files that git ignores and empty directories are not covered.",
  ];
}

/** A failure of git or the disk, told as such and not as a fault of this program. */
export async function asGitSays<Value>(
  jobId: string,
  { gate }: PlacesHome,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await gate.use(work);
  } catch (error) {
    if (!(error instanceof GitFailure)) throw fileFailure(error, `look at the changes of job ${jobId}`);
    throw new AgentAsyncError("conflict", `Cannot look at the changes of job ${jobId}: ${error.message}`, {
      cause: error,
    });
  }
}
