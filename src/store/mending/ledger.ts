/**
 * Room `store`: the ledger, a plain file beside the database to which every change is appended after its commit. When
 * its journal (`-wal`) was removed, cut or altered, SQLite silently drops commits. The next daemon finds them in the
 * ledger. The ledger is not synced to disk: it only has to outlive a killed daemon, not a power loss.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import type { Job } from "../../domain/job/job.ts";
import { PRIVATE_FILE_MODE } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import type { Log } from "../../system/log.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

/**
 * Size in bytes at which the ledger is renamed to `<name>.1`: about 4,000 changes of a kilobyte each. SQLite moves its
 * journal into the database every 1,000 pages, which about 200 changes fill. A change that has left both ledger files
 * is therefore long in the database itself.
 */
const MAX_BYTES = 4 * 2 ** 20;

/** A request key and the turn that it started. */
export interface KeyedRequest {
  readonly key: string;
  readonly turn: number;
}

/** The last state of one job according to the ledger. */
export type LedgerEntry =
  /** `record` is parsed JSON, not yet validated. `requests` are all request keys of the job in the ledger. */
  | { kind: "job"; record: unknown; requests: readonly KeyedRequest[] }
  | { kind: "removed" };

export class Ledger {
  readonly #path: string;
  readonly #log: Log;
  #file: Deno.FsFile | null = null;
  #bytes = 0;
  /** Whether the last line may be incomplete, so that the next entry must begin on a new line. */
  #isFrayed = true;
  #hasFailed = false;

  /** @param path of the database, not of the ledger */
  constructor(path: string, log: Log) {
    this.#path = ledgerPath(path);
    this.#log = log;
  }

  /** Appends a changed record. Never throws, since the change is already committed: a failure is logged. */
  changed(job: Job, requests: readonly KeyedRequest[]): void {
    this.#append({ job, ...(requests.length === 0 ? {} : { requests }) });
  }

  /** Appends the removal of jobs. Never throws: a failure is logged. */
  removed(ids: readonly JobId[]): void {
    if (ids.length > 0) this.#append({ removed: ids });
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #append(entry: unknown): void {
    try {
      const file = this.#opened();
      const line = new TextEncoder().encode(`${this.#isFrayed ? "\n" : ""}${JSON.stringify(entry)}\n`);
      this.#isFrayed = true;
      for (let written = 0; written < line.length;) written += file.writeSync(line.subarray(written));
      this.#isFrayed = false;
      this.#bytes += line.length;
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) this.#log.warn("the ledger cannot be written", { error: String(error) });
      this.#hasFailed = true;
    }
  }

  #opened(): Deno.FsFile {
    if (this.#file !== null && this.#bytes >= MAX_BYTES) {
      this.close();
      Deno.renameSync(this.#path, olderPath(this.#path));
    }
    if (this.#file === null) {
      const options = { append: true, create: true, mode: PRIVATE_FILE_MODE };
      this.#file = Deno.openSync(this.#path, options);
      this.#bytes = this.#file.statSync().size;
      this.#isFrayed = this.#bytes > 0;
    }
    return this.#file;
  }
}

/** The last entry of every job in the ledger of this database. Incomplete lines are skipped. */
export function readLedger(databasePath: string): Map<JobId, LedgerEntry> {
  const path = ledgerPath(databasePath);
  const entries = new Map<JobId, LedgerEntry>();
  for (const file of [olderPath(path), path]) {
    for (const line of (readTextIfOurs(file) ?? "").split("\n")) {
      if (line !== "") take(line, entries);
    }
  }
  return entries;
}

function take(line: string, entries: Map<JobId, LedgerEntry>): void {
  const entry = parsedJson(line);
  if (typeof entry !== "object" || entry === null) return;
  if ("removed" in entry && Array.isArray(entry.removed)) {
    for (const id of entry.removed) entries.set(String(id), { kind: "removed" });
  }
  if (!("job" in entry) || typeof entry.job !== "object" || entry.job === null || !("id" in entry.job)) {
    return;
  }
  const id = String(entry.job.id);
  const earlier = entries.get(id);
  const requests = "requests" in entry && Array.isArray(entry.requests) ? entry.requests.filter(isKeyed) : [];
  const known = earlier?.kind === "job" ? earlier.requests : [];
  entries.set(id, { kind: "job", record: entry.job, requests: [...known, ...requests] });
}

function isKeyed(value: unknown): value is KeyedRequest {
  return typeof value === "object" && value !== null && "key" in value && typeof value.key === "string" &&
    "turn" in value && typeof value.turn === "number";
}

function ledgerPath(databasePath: string): string {
  return databasePath.replace(/(\.db)?$/, ".ledger");
}

function olderPath(path: string): string {
  return `${path}.1`;
}
