/**
 * Room `store`: finds changes that the database has lost. When its journal (`-wal`) was removed, cut or altered, SQLite
 * silently opens the database as it was some commits ago. Rule of this file: it must be cheap with 100,000 jobs. The
 * names of all job directories are compared with the index. Records are compared only for unfinished jobs, for the few
 * thousand jobs in the ledger, and for those whose directories have changed since the database file was written.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import { Job } from "../../domain/job/job.ts";
import { isLaterRecord } from "../../domain/reading/later_record.ts";
import { opened } from "../../domain/reading/opened.ts";
import { isUnreadable, UNREADABLE } from "../../domain/job/unreadable_job.ts";
import type { JobRecords, RecordedJob } from "../job_store.ts";
import type { LedgerEntry } from "./ledger.ts";
import { idsInStatus, readJob } from "../listing.ts";

export interface Lost {
  /** Records that the database lacks, or has in an older state. */
  jobs: RecordedJob[];
  /** Ids of jobs that are in the database although they were removed. */
  removed: JobId[];
}

export interface Sources {
  kv: Deno.Kv;
  /** Ids of all jobs in the index of the database. */
  known: ReadonlySet<JobId>;
  ledger: ReadonlyMap<JobId, LedgerEntry>;
  records: JobRecords;
  /**
   * When the database file was last written, epoch ms. Whatever its journal held was committed after that, but for the
   * commits that were moved into the file at that moment.
   */
  writtenAt: number;
}

/** Ms before the database file was written in which a lost change may lie: clocks are set, and file times are coarse. */
const MARGIN_MS = 60_000;

/**
 * Most job directories that are suspects because of their times. A journal holds some 200 changes. All directories of a
 * copied state directory are new, which says nothing.
 */
const MAX_CHANGED = 2_000;

export async function findLost(sources: Sources): Promise<Lost> {
  const { kv, known, ledger, records, writtenAt } = sources;
  const present = new Set(records.ids());
  const suspects = new Set<JobId>();
  for (const id of present) if (!known.has(id)) suspects.add(id);
  for (const [id, { kind }] of ledger) if (kind === "job" && present.has(id)) suspects.add(id);
  const changed = { ids: present, limit: MAX_CHANGED };
  for (const id of records.changedSince(writtenAt - MARGIN_MS, changed)) suspects.add(id);
  for (const status of ["pending", "running"] as const) {
    for await (const id of idsInStatus(kv, status)) if (present.has(id)) suspects.add(id);
  }
  const lost: Lost = { jobs: [], removed: [] };
  for (const id of suspects) {
    const stored = known.has(id) ? await readJob(kv, id) : null;
    const proved = provedRecord(id, stored, sources);
    if (proved !== null && (stored === null || isLaterRecord(proved.job, stored))) lost.jobs.push(proved);
  }
  for (const [id, { kind }] of ledger) {
    if (kind === "removed" && known.has(id) && !present.has(id)) lost.removed.push(id);
  }
  return lost;
}

/**
 * The jobs that were unreadable when the database was built, and whose records can be read now: the file was mended,
 * or this is the later version that wrote it.
 */
export async function findReadable({ kv, records }: Pick<Sources, "kv" | "records">): Promise<RecordedJob[]> {
  const readable: RecordedJob[] = [];
  for await (const id of idsInStatus(kv, UNREADABLE)) {
    const recorded = records.read(id);
    if (recorded !== null && !isUnreadable(recorded.job)) readable.push(recorded);
  }
  return readable;
}

/**
 * The latest record of a job in the ledger and in its directory; `null` when neither has one.
 *
 * @param stored the record in the database, or `null`
 */
export function provedRecord(
  id: JobId,
  stored: Job | null,
  { ledger, records }: Pick<Sources, "ledger" | "records">,
): RecordedJob | null {
  const entry = ledger.get(id);
  const told = entry?.kind === "job" ? opened(Job).safeParse(entry.record).data ?? null : null;
  // Most jobs in the ledger are finished and in the same state in the database. Their directories need not be read.
  const isSettled = told !== null && stored !== null && "finished_at" in stored.state &&
    isSameState(told, stored);
  const recorded = isSettled ? null : records.read(id);
  if (told === null) return recorded;
  const requests = entry?.kind === "job" ? entry.requests : [];
  const replies = [
    ...requests.filter(({ key }) => key !== told.request_key),
    ...recorded?.replies.filter(({ key }) => !requests.some((known) => known.key === key)) ?? [],
  ];
  const job = recorded !== null && isLaterRecord(recorded.job, told) ? recorded.job : told;
  // A job's number is given by the store. A record in its directory that was written before has number 0.
  return { job: { ...job, number: job.number === 0 ? told.number : job.number }, replies };
}

function isSameState(a: Job, b: Job): boolean {
  return a.last_turn === b.last_turn && a.turn === b.turn && a.state.status === b.state.status &&
    a.summary === b.summary;
}
