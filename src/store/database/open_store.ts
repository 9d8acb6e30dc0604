/**
 * Room `store`: opens the store at a path, and repairs it first if need be. A damaged database is moved aside whole and
 * rebuilt from the job directories. A database of a newer version is refused. A database that cannot be read is never
 * replaced by an empty one.
 *
 * @module
 */
import { dirname } from "node:path";
import type { Clock } from "../../system/clock.ts";
import { ifExists, PRIVATE_DIRECTORY_MODE } from "../../system/files/files.ts";
import type { Job } from "../../domain/job/job.ts";
import type { Log } from "../../system/log.ts";
import { buildDatabase } from "./build_store.ts";
import {
  idsInIndex,
  inspectDatabase,
  isClosedWell,
  markBroken,
  markClosedWell,
  moveAside,
  unmarkClosedWell,
} from "./database_file.ts";
import { isDamage, storeFailure } from "./failure.ts";
import { findLost, findReadable, provedRecord } from "../mending/find_lost.ts";
import type { JobRecords, JobStore, RecordedJob } from "../job_store.ts";
import { KvJobStore } from "../kv_job_store.ts";
import { Ledger, readLedger } from "../mending/ledger.ts";
import { mendStore } from "../mending/mend_store.ts";
import { migrate, refuseNewer } from "./migrations.ts";
import { makeUsable, mendModes, openWritable, tryWriting } from "../mending/usable_file.ts";
import { writeRecoveryNote } from "../mending/recovery_note.ts";
import { Replacement } from "./replacement.ts";

/** Most job ids that are listed in one message. */
const IDS_TOLD = 20;

export interface OpenStoreOptions {
  /** Absolute path of the database file. Its directory is created when it is missing. */
  path: string;
  clock: Clock;
  log: Log;
  /** Called once, when another database has been put in the place of the open one. */
  onReplaced?: () => void;
  /**
   * Called when the open database refuses writes although its file is writable: the store must be opened again.
   */
  onStale?: () => void;
  /**
   * Reads the job directories. All records are read when there is no usable database. After an unclean shutdown they
   * are compared with a sound database.
   */
  records: JobRecords;
}

export interface OpenedStore {
  store: JobStore;
  /**
   * Set when the store was rebuilt from job directories. `movedTo` is `null` when there was no database at all.
   */
  recovered: { movedTo: string | null; jobs: number } | null;
  /** Jobs that a sound database lacked or had in an older state, as they are after the repair. */
  mended: readonly Job[];
}

/**
 * Opens the store, migrated and repaired. The caller must hold the daemon's lock, since only one process may open the
 * database.
 *
 * @throws {AgentAsyncError} `store_newer`; `disk_full`; `disk_fault`; `internal` when another process has the database
 * open. A path that cannot be read or written is never moved aside.
 */
export async function openStore(options: OpenStoreOptions): Promise<OpenedStore> {
  try {
    return await openFile(options);
  } catch (error) {
    throw storeFailure(error, `open the store ${options.path}`);
  }
}

async function openFile(options: OpenStoreOptions): Promise<OpenedStore> {
  const { path, clock, log } = options;
  Deno.mkdirSync(dirname(path), { recursive: true, mode: PRIVATE_DIRECTORY_MODE });
  mendModes(path);
  // Before anything opens the database: opening it may move its journal into the file.
  const writtenAt = ifExists(() => Deno.statSync(path).mtime?.getTime() ?? null) ?? 0;
  const condition = inspectDatabase(path);
  if (condition.kind === "sound") refuseNewer(condition.version);
  const mayHaveLost = condition.kind === "sound" && !isClosedWell(path);
  const recovered = condition.kind === "sound"
    ? null
    : await build(options, condition.kind === "damaged" ? condition.why : null);
  await makeUsable(path);
  const known = mayHaveLost ? { ids: idsInIndex(path), writtenAt } : null;
  unmarkClosedWell(path);
  const kv = await openWritable(path);
  let mended: readonly Job[];
  try {
    await migrate(kv, log);
    const readable = await readAgain(kv, options);
    mended = [...readable, ...known === null ? [] : await mend(kv, known, options)];
  } catch (error) {
    kv.close();
    if (!isDamage(error)) throw error;
    // The mark makes the following open rebuild the damaged database.
    markBroken(path);
    return await openFile(options);
  }
  const onDamaged = (error: unknown) => {
    log.error("the store is damaged: it will be rebuilt at the next start", { path, error: String(error) });
    leaveMark(() => markBroken(path), log);
  };
  const onReadOnly = () => {
    try {
      tryWriting(path);
    } catch {
      // The disk refuses writes, so a new daemon could not write either. This one goes on until the disk can be
      // written.
      return;
    }
    options.onStale?.();
  };
  const onClosed = () => leaveMark(() => markClosedWell(path), log);
  const opened = fileAt(path);
  const replacement = new Replacement({
    isElsewhere: () => fileAt(path) !== opened,
    onReplaced: options.onReplaced ?? (() => {}),
  });
  const ledger = new Ledger(path, log);
  return {
    store: new KvJobStore({ kv, clock, onClosed, onDamaged, onReadOnly, replacement, ledger }),
    recovered,
    mended,
  };
}

/**
 * Repairs a sound database after an unclean shutdown: changes that it was given but has lost are written again.
 */
async function mend(
  kv: Deno.Kv,
  { ids: known, writtenAt }: { ids: ReadonlySet<string>; writtenAt: number },
  { path, clock, log, records }: OpenStoreOptions,
): Promise<readonly Job[]> {
  const lost = await findLost({ kv, known, ledger: readLedger(path), records, writtenAt });
  if (lost.jobs.length + lost.removed.length === 0) return [];
  const mended = await mendStore(kv, lost, clock);
  if (mended.length > 0) {
    const ids = mended.slice(0, IDS_TOLD).map(({ id }) => id).join(", ");
    const which = `${ids}${mended.length > IDS_TOLD ? " and more" : ""}`;
    const count = mended.length === 1 ? "1 job" : `${mended.length} jobs`;
    const what = `the latest changes of ${count}, rebuilt from their directories: ${which}`;
    log.error(`the store had lost ${what}`, { path });
    tellPeople(`The store had lost ${what}.`, { path, clock, log });
  }
  return mended;
}

/** Replaces the stand-ins of unreadable records by the records, where these can be read now. */
async function readAgain(kv: Deno.Kv, { clock, log, records }: OpenStoreOptions): Promise<readonly Job[]> {
  const jobs = await findReadable({ kv, records });
  if (jobs.length === 0) return [];
  log.info("records can be read that could not be read before", { jobs: jobs.map(({ job }) => job.id) });
  return await mendStore(kv, { jobs, removed: [] }, clock);
}

function tellPeople(
  text: string,
  { path, clock, log }: Pick<OpenStoreOptions, "path" | "clock" | "log">,
): void {
  const at = clock.now();
  const sentence = `${
    new Date(at).toISOString()
  }: ${text} See daemon.log; \`agent-async doctor\` looks at the disk.`;
  leaveMark(() => writeRecoveryNote(path, { at, text: sentence }), log);
}

/**
 * Device and inode of the file at `path`, to notice when another file takes its place; `null` when there is none.
 */
function fileAt(path: string): string | null {
  return ifExists(() => {
    const { dev, ino } = Deno.lstatSync(path);
    return `${dev} ${ino}`;
  });
}

/**
 * Writes a mark beside the store, and only logs a failure. A mark merely skips or requests a check at the next start,
 * so a full disk must not turn it into an error.
 */
function leaveMark(write: () => void, log: Log): void {
  try {
    write();
  } catch (error) {
    log.warn("a mark beside the store could not be written", { error: String(error) });
  }
}

async function build(options: OpenStoreOptions, why: string | null): Promise<OpenedStore["recovered"]> {
  const { path, clock, log } = options;
  // Companion files of a missing database are moved as well: SQLite would replay an old journal into the new database.
  const movedTo = moveAside(path, clock);
  if (why !== null) log.error("the store is damaged and was moved aside", { path, why, movedTo });
  const jobs = await buildDatabase(path, { jobs: allRecords(options), clock, log });
  if (movedTo === null && jobs === 0) return null;
  log.error("the store was rebuilt from the job directories", { path, jobs, movedTo });
  const count = jobs === 1 ? "1 job was" : `${jobs} jobs were`;
  const cause = movedTo === null ? "The store was gone" : `The store was damaged and moved to ${movedTo}`;
  tellPeople(`${cause}; ${count} rebuilt from their directories.`, options);
  return { movedTo, jobs };
}

async function* allRecords({ path, records }: OpenStoreOptions): AsyncIterable<RecordedJob> {
  const ledger = readLedger(path);
  for (const id of records.ids()) {
    const proved = provedRecord(id, null, { ledger, records });
    if (proved !== null) yield proved;
  }
}
