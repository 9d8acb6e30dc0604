/**
 * Room `store`: the ledger, a plain file beside the database that is told of every change after its commit. SQLite drops
 * the commits of a journal (`-wal`) that was removed, cut or altered without a word; the ledger is how the next daemon
 * notices. It is not synced: the database is, and the ledger only has to outlive a daemon that was killed.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import type { Job } from "../../domain/job/job.ts";
import { PRIVATE_FILE_MODE, readTextIfOurs } from "../../system/files/files.ts";
import type { Log } from "../../system/log.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

/**
 * At this size the ledger becomes `<name>.1`. That is some 4,000 changes of a kilobyte each, and SQLite moves its journal
 * into the database every 1,000 pages, which 200 changes fill: what two files of this size have let go of was moved long
 * ago.
 */
const MAX_BYTES = 4 * 2 ** 20;

/** A request key and the turn that it has made. */
export interface KeyedRequest {
  readonly key: string;
  readonly turn: number;
}

/** What the ledger tells of a job last. */
export type LedgerEntry =
  /** The record as it was parsed from JSON; `requests` are all that the ledger knows of. */
  | { kind: "job"; record: unknown; requests: readonly KeyedRequest[] }
  | { kind: "removed" };

export class Ledger {
  readonly #path: string;
  readonly #log: Log;
  #file: Deno.FsFile | null = null;
  #bytes = 0;
  /** Whether the last line may lack its end. */
  #isFrayed = true;
  #hasFailed = false;

  /** @param path of the database */
  constructor(path: string, log: Log) {
    this.#path = ledgerPath(path);
    this.#log = log;
  }

  /** Never throws: the change is committed already. */
  changed(job: Job, requests: readonly KeyedRequest[]): void {
    this.#append({ job, ...(requests.length === 0 ? {} : { requests }) });
  }

  /** Never throws. */
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

/** The last entry of every job that the ledger beside this database names; lines that are torn are passed over. */
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
