/**
 * Room `store`: the database as a set of files: checking it, marking a clean shutdown, moving it aside. Deno.Kv opens a
 * damaged file without an error and crashes the process later. The file is therefore checked first, read-only, through
 * `node:sqlite`.
 *
 * @module
 */
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { JobId } from "../../domain/job/ids.ts";
import type { Clock } from "../../system/clock.ts";
import {
  ifExists,
  PRIVATE_FILE_MODE,
  readTextIfExists,
  removeIfExists,
  syncDirectory,
} from "../../system/files/files.ts";
import { isDamage } from "./failure.ts";
import { listedPrefix, SCHEMA_KEY, viewOf } from "../records/keys.ts";

/**
 * Database files of at most this size are checked at every start (20 ms). Larger ones are checked only after an unclean
 * shutdown, since the check reads the whole file.
 */
export const ALWAYS_CHECKED_BYTES = 32 * 2 ** 20;

/** Suffixes of the files that SQLite keeps beside the database. */
const COMPANIONS = ["-wal", "-shm"] as const;

export type Condition =
  | { kind: "absent" }
  | { kind: "sound"; version: number }
  | { kind: "damaged"; why: string };

/**
 * Checks the condition of the database, which is opened read-only.
 *
 * @throws the operating system's error when the file cannot be reached; that is not damage
 */
export function inspectDatabase(path: string, alwaysCheckedBytes = ALWAYS_CHECKED_BYTES): Condition {
  const info = ifExists(() => Deno.statSync(path));
  if (info === null) return { kind: "absent" };
  if (!info.isFile) return { kind: "damaged", why: "it is not a file" };
  if (exists(brokenPath(path))) {
    return { kind: "damaged", why: "an earlier run could not read it" };
  }
  const check = info.size <= alwaysCheckedBytes || !wasClosedWell(path, info);
  try {
    using database = openReadOnly(path);
    const why = check ? faultOf(database) : null;
    if (why !== null) return { kind: "damaged", why };
    const version = versionOf(database);
    return version === null
      ? { kind: "damaged", why: "it has no schema version" }
      : { kind: "sound", version };
  } catch (error) {
    if (isDamage(error) && error instanceof Error) return { kind: "damaged", why: error.message };
    throw error;
  }
}

/**
 * Whether the last process closed the database cleanly and its size and modification time are unchanged since.
 */
export function isClosedWell(path: string): boolean {
  const info = ifExists(() => Deno.statSync(path));
  return info !== null && wasClosedWell(path, info);
}

/**
 * Ids of all jobs in the index of the database. Reading 100,000 ids takes about 100 ms; Deno.Kv would take many times
 * as long.
 */
export function idsInIndex(path: string): Set<JobId> {
  using database = openReadOnly(path);
  const prefix = listedPrefix(viewOf({})).flatMap((part) => [...encodedKey(String(part))]);
  // All ids come as one string: fetching a row for each of 100,000 jobs takes ten times as long.
  const all = database.prepare("select group_concat(cast(v as text)) as ids from kv where k >= ? and k < ?")
    .get(new Uint8Array(prefix), new Uint8Array([...prefix, 0xff]))?.ids;
  const ids: unknown = JSON.parse(`[${typeof all === "string" ? all : ""}]`);
  return new Set(Array.isArray(ids) ? ids.map(String) : []);
}

/** Records a clean shutdown, together with the size and modification time of the database file. */
export function markClosedWell(path: string): void {
  const info = ifExists(() => Deno.statSync(path));
  if (info === null) return;
  Deno.writeTextFileSync(markPath(path), fingerprint(info), { mode: PRIVATE_FILE_MODE });
}

/** Removes the mark of a clean shutdown. Must be called before the database is opened for writing. */
export function unmarkClosedWell(path: string): void {
  removeIfExists(markPath(path));
}

/**
 * Marks the database as unreadable although its structure is sound. The next open moves it aside and rebuilds it.
 */
export function markBroken(path: string): void {
  Deno.writeTextFileSync(brokenPath(path), "", { mode: PRIVATE_FILE_MODE });
}

/**
 * Renames the database and its companion files to `<path>.damaged-<time>`. The main file goes first: a crash in between
 * leaves no database at all, rather than one that lacks its latest commits.
 *
 * @returns the new path, or `null` when no file existed
 */
export function moveAside(path: string, clock: Clock): string | null {
  const stamp = new Date(clock.now()).toISOString().replaceAll(":", "-");
  let target = `${path}.damaged-${stamp}`;
  for (let copy = 2; exists(target); copy += 1) target = `${path}.damaged-${stamp}-${copy}`;
  let moved = false;
  for (const suffix of ["", ...COMPANIONS]) {
    if (!exists(path + suffix)) continue;
    Deno.renameSync(path + suffix, target + suffix);
    moved = true;
  }
  unmarkClosedWell(path);
  removeIfExists(brokenPath(path));
  return moved ? target : null;
}

/** Removes a database with its companion files. Files that do not exist are no error. */
export function removeDatabase(path: string): void {
  for (const suffix of ["", ...COMPANIONS]) removeIfExists(path + suffix);
}

/**
 * Renames a complete, closed database into its place, and syncs the directory so that the rename survives a power loss.
 */
export function installDatabase(from: string, to: string): void {
  Deno.renameSync(from, to);
  syncDirectory(dirname(to));
}

function openReadOnly(path: string): DatabaseSync & Disposable {
  const database = new DatabaseSync(path, { readOnly: true });
  return Object.assign(database, { [Symbol.dispose]: () => database.close() });
}

function faultOf(database: DatabaseSync): string | null {
  const answer = database.prepare("pragma quick_check(1)").get()?.quick_check;
  return answer === "ok" ? null : String(answer);
}

/**
 * The schema version, read from the SQLite table of Deno.Kv. Opening the database as a Kv could already write to it.
 */
function versionOf(database: DatabaseSync): number | null {
  const table = database.prepare("select 1 from sqlite_master where type = 'table' and name = 'kv'").get();
  if (table === undefined) return null;
  const value = database.prepare("select v from kv where k = ?").get(encodedKey(String(SCHEMA_KEY[0])))?.v;
  if (!(value instanceof Uint8Array) || value.byteLength !== 8) return null;
  return Number(new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0, true));
}

/** A one-string key in Deno.Kv's encoding: type byte 2, the text, a zero byte. */
function encodedKey(part: string): Uint8Array {
  return new Uint8Array([2, ...new TextEncoder().encode(part), 0]);
}

function wasClosedWell(path: string, info: Deno.FileInfo): boolean {
  return readTextIfExists(markPath(path)) === fingerprint(info);
}

function fingerprint(info: Deno.FileInfo): string {
  return `${info.size} ${info.mtime?.getTime() ?? 0}\n`;
}

function markPath(path: string): string {
  return `${path}.clean`;
}

function brokenPath(path: string): string {
  return `${path}.broken`;
}

function exists(path: string): boolean {
  return ifExists(() => Deno.statSync(path)) !== null;
}
