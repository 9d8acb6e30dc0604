/**
 * Room `service`, part of `LocalService`: removes finished jobs, and places of jobs that are gone.
 *
 * @module
 */
import { join } from "node:path";
import { JobId } from "../../domain/job/ids.ts";
import { messageOf } from "../../domain/errors.ts";
import { placeNames, removeOrphan } from "../../places/isolation/orphaned_places.ts";
import { bytesOf } from "../../places/snapshots/tidy_stores.ts";
import { within } from "../../system/deadline.ts";
import type { CallOptions } from "../call.ts";
import type { Answer, CheckedRequest } from "../job_service.ts";
import type { PrunedPlace } from "../requests.ts";
import { requireOutside } from "./caller_rights.ts";
import type { LocalDependencies } from "./dependencies.ts";

/** Ms for counting the bytes of one place. */
const COUNTING_MS = 2_000;

export async function prune(
  { older_than_days, dry_run, orphans }: CheckedRequest<"prune">,
  { caller }: CallOptions,
  dependencies: LocalDependencies,
): Promise<Answer<"prune">> {
  if (!dry_run) await requireOutside(caller, dependencies);
  const { retention, scheduler } = dependencies;
  const { retentionDays, retentionBytes } = scheduler.options.limits();
  const { notApplied, ...pruned } = await retention.prune({
    olderThanDays: older_than_days ?? retentionDays,
    maxBytes: older_than_days === undefined ? retentionBytes : null,
    dryRun: dry_run,
  });
  const places = await prunePlaces(dependencies, { removes: orphans === true && !dry_run });
  return {
    ...pruned,
    not_applied: notApplied,
    ...(places.length === 0 ? {} : { orphans: places }),
    dry_run,
  };
}

async function prunePlaces(
  { scheduler, directories, store }: LocalDependencies,
  { removes }: { removes: boolean },
): Promise<PrunedPlace[]> {
  const home = scheduler.options.places;
  if (home === undefined) return [];
  const there = new Set(directories.ids());
  const found: PrunedPlace[] = [];
  for (const name of placeNames(home)) {
    const id = JobId.safeParse(name);
    if (!id.success || there.has(id.data) || await store.get(id.data) !== null) continue;
    const path = join(home.places, name);
    const bytes = await within(COUNTING_MS, bytesOf(path));
    try {
      const patch = removes ? await home.gate.use(() => removeOrphan(home, name)) : null;
      found.push({ path, bytes, removed: removes, patch });
    } catch (error) {
      found.push({ path, bytes, removed: false, patch: null, why: messageOf(error) });
    }
  }
  return found;
}
