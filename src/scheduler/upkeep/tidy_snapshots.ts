/**
 * Room `scheduler`: bounds the disk use of snapshots. Rule of this file: when in doubt, nothing is removed. A record
 * that cannot be read may need what would go.
 *
 * @module
 */
import { join } from "node:path";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { Change } from "../../places/changes/change.ts";
import type { PlacesHome } from "../../places/places_home.ts";
import type { Snapshot } from "../../places/snapshots/snapshot.ts";
import { messageOf } from "../../domain/errors.ts";
import { tidyStores, type UntidiedStore } from "../../places/snapshots/tidy_stores.ts";
import { ifExists, ifOurs } from "../../system/files/files.ts";
import { Slices } from "../../system/yielding/slices.ts";
import { readOutcome } from "../turn/files.ts";
import { requireTurnRecords } from "../turn/changes/turn_changes.ts";

/** Ms between two tidyings: every job's records are read for one. */
const TIDY_MS = 86_400_000;

export interface TidyOptions {
  readonly places: PlacesHome;
  readonly directories: JobDirectories;
  /** Epoch ms, of a clock that nobody can have set ahead. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Removes snapshots that no job on disk needs, at most once a day, where there are stores. Given up, to be tried again
 * by the next call, as soon as a job or a person wants to use the stores.
 *
 * @returns whether it was done
 * @throws an error for a record that cannot be read: nothing is removed then; one that names stores which stay as they
 * are, when all others were tidied
 */
export async function tidySnapshots({ places, directories, now, signal }: TidyOptions): Promise<boolean> {
  const stamp = join(places.snapshots, ".tidied");
  const last = ifOurs(() => Deno.lstatSync(stamp).mtime?.getTime() ?? null) ?? null;
  if (last !== null && last <= now && now - last < TIDY_MS) return false;
  const stores = ifExists(() => [...Deno.readDirSync(places.snapshots)]) ?? [];
  if (!stores.some(({ isDirectory }) => isDirectory)) return false;
  let isDone = false;
  const untidied: UntidiedStore[] = [];
  await places.gate.alone(async (hurry) => {
    const stop = AbortSignal.any([signal, hurry]);
    const needed = await neededRecords(directories, stop);
    if (needed === null) return;
    const left = await tidyStores(places, needed, { now, signal: stop });
    if (stop.aborted) return;
    untidied.push(...left);
    Deno.writeTextFileSync(stamp, "", { mode: 0o600 });
    Deno.utimeSync(stamp, new Date(now), new Date(now));
    isDone = true;
  });
  if (untidied.length > 0) throw new Error(`Cannot tidy ${untidied.map(untidiedText).join("; ")}`);
  return isDone;
}

function untidiedText({ name, source, error }: UntidiedStore): string {
  return `the snapshots of ${source ?? name} (${messageOf(error)})`;
}

/** Of all turns on disk; `null` when `stop` is aborted before all were read. */
async function neededRecords(
  directories: JobDirectories,
  stop: AbortSignal,
): Promise<{ changes: Change[]; snapshots: Snapshot[] } | null> {
  const slices = new Slices();
  const changes: Change[] = [];
  const snapshots: Snapshot[] = [];
  for (const id of directories.ids()) {
    await slices.pause();
    if (stop.aborted) return null;
    const directory = directories.job(id);
    for (const number of directory.turns()) {
      const turn = directory.turn(number);
      const records = requireTurnRecords(turn);
      if (records.change !== null) changes.push(records.change);
      // An ended turn needs its change alone.
      if (readOutcome(turn) === null || records.change === null) snapshots.push(...records.snapshots);
    }
  }
  return { changes, snapshots };
}
