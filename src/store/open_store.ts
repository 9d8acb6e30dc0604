/**
 * Room `store`: from a path to a store that can be trusted. A damaged database is moved aside whole and built anew
 * from the job directories; a newer one is refused; an empty one never takes the place of one that cannot be read.
 *
 * @module
 */
import { dirname } from "node:path";
import type { Clock } from "../system/clock.ts";
import { ifExists, PRIVATE_DIRECTORY_MODE } from "../system/files.ts";
import type { Log } from "../system/log.ts";
import { buildDatabase } from "./build_store.ts";
import { inspectDatabase, markBroken, markClosedWell, moveAside, unmarkClosedWell } from "./database_file.ts";
import { storeFailure } from "./failure.ts";
import type { RecordedJob } from "./job_store.ts";
import { KvJobStore } from "./kv_job_store.ts";
import { migrate, refuseNewer } from "./migrations.ts";
import { Replacement } from "./replacement.ts";

export interface OpenStoreOptions {
  /** Absolute. Its directory is made when it is missing. */
  path: string;
  clock: Clock;
  log: Log;
  /** Called once, when somebody has put another database in the place of the open one. */
  onReplaced?: () => void;
  /** The records that the job directories hold, in any order; read only when there is no usable database. */
  rebuild: () => AsyncIterable<RecordedJob>;
}

export interface OpenedStore {
  store: KvJobStore;
  /** Set when the store was built from job directories; `movedTo` is `null` when there was no database at all. */
  recovered: { movedTo: string | null; jobs: number } | null;
}

/**
 * The caller must be the only one: the daemon's lock is held.
 * @throws {AgentAsyncError} `store_newer`; `disk_full`; `internal` for a path that cannot be read or written, which is
 * never moved aside.
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
  const condition = inspectDatabase(path);
  if (condition.kind === "sound") refuseNewer(condition.version);
  const recovered = condition.kind === "sound"
    ? null
    : await build(options, condition.kind === "damaged" ? condition.why : null);
  unmarkClosedWell(path);
  const kv = await Deno.openKv(path);
  try {
    await migrate(kv, log);
  } catch (error) {
    kv.close();
    throw error;
  }
  const onDamaged = (error: unknown) => {
    log.error("the store is damaged: it will be rebuilt at the next start", { path, error: String(error) });
    leaveMark(() => markBroken(path), log);
  };
  const onClosed = () => leaveMark(() => markClosedWell(path), log);
  const opened = fileAt(path);
  const replacement = new Replacement({
    isElsewhere: () => fileAt(path) !== opened,
    onReplaced: options.onReplaced ?? (() => {}),
  });
  return { store: new KvJobStore({ kv, clock, onClosed, onDamaged, replacement }), recovered };
}

/** Tells one file from another that comes to have its path; `null` when there is none. */
function fileAt(path: string): string | null {
  return ifExists(() => {
    const { dev, ino } = Deno.lstatSync(path);
    return `${dev} ${ino}`;
  });
}

/** A mark spares or orders a check at the next start; a full disk that refuses it must not become a failure here. */
function leaveMark(write: () => void, log: Log): void {
  try {
    write();
  } catch (error) {
    log.warn("a mark beside the store could not be written", { error: String(error) });
  }
}

async function build(
  { path, clock, log, rebuild }: OpenStoreOptions,
  why: string | null,
): Promise<OpenedStore["recovered"]> {
  // Also what lies beside an absent database: SQLite would play an old journal into the new one.
  const movedTo = moveAside(path, clock);
  if (why !== null) log.error("the store is damaged and was moved aside", { path, why, movedTo });
  const jobs = await buildDatabase(path, { jobs: rebuild(), clock, log });
  if (movedTo === null && jobs === 0) return null;
  log.warn("the store was rebuilt from the job directories", { path, jobs, movedTo });
  return { movedTo, jobs };
}
