/**
 * Room `store`: the database as files: is it sound, was it closed well, move it aside. Deno.Kv opens a damaged file
 * without a word and later takes the process down, so it is looked at through `node:sqlite` first, read-only.
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
 * Files up to this size are checked at every start (20 ms); larger ones only when they were not closed well, since
 * the check reads all of the file.
 */
export const ALWAYS_CHECKED_BYTES = 32 * 2 ** 20;

/** What SQLite keeps beside the database. */
const COMPANIONS = ["-wal", "-shm"] as const;

export type Condition =
  | { kind: "absent" }
  | { kind: "sound"; version: number }
  | { kind: "damaged"; why: string };

/** @throws whatever the operating system says of a file that cannot be reached; that is no damage. */
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

/** Whether the mark of a good end is there and nothing has changed the database since. */
export function isClosedWell(path: string): boolean {
  const info = ifExists(() => Deno.statSync(path));
  return info !== null && wasClosedWell(path, info);
}

/** Ids of all jobs that the index names: 100,000 in some 100 ms, of which Deno.Kv would need many times as much. */
export function idsInIndex(path: string): Set<JobId> {
  using database = openReadOnly(path);
  const prefix = listedPrefix(viewOf({})).flatMap((part) => [...encodedKey(String(part))]);
  // One text for all: a row for each of 100,000 takes ten times as long.
  const all = database.prepare("select group_concat(cast(v as text)) as ids from kv where k >= ? and k < ?")
    .get(new Uint8Array(prefix), new Uint8Array([...prefix, 0xff]))?.ids;
  const ids: unknown = JSON.parse(`[${typeof all === "string" ? all : ""}]`);
  return new Set(Array.isArray(ids) ? ids.map(String) : []);
}

/** Notes that the database was closed as it should be: nothing has changed it as long as size and time stay. */
export function markClosedWell(path: string): void {
  const info = ifExists(() => Deno.statSync(path));
  if (info === null) return;
  Deno.writeTextFileSync(markPath(path), fingerprint(info), { mode: PRIVATE_FILE_MODE });
}

/** To be called before the database is opened for writing. */
export function unmarkClosedWell(path: string): void {
  removeIfExists(markPath(path));
}

/** Notes that something in the database cannot be read although its structure is sound: the next open rebuilds it. */
export function markBroken(path: string): void {
  Deno.writeTextFileSync(brokenPath(path), "", { mode: PRIVATE_FILE_MODE });
}

/**
 * Renames what there is of the database, the main file first: a crash in between leaves an absent one, never one
 * without its latest commits.
 * @returns the new path, or `null` when there was nothing.
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

/** Removes a database that nobody needs, with its companions. */
export function removeDatabase(path: string): void {
  for (const suffix of ["", ...COMPANIONS]) removeIfExists(path + suffix);
}

/** Puts a closed, complete database in its place, for good also when the power fails. */
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

/** The schema version, read from the table that Deno.Kv keeps its keys in; opening the Kv could write already. */
function versionOf(database: DatabaseSync): number | null {
  const table = database.prepare("select 1 from sqlite_master where type = 'table' and name = 'kv'").get();
  if (table === undefined) return null;
  const value = database.prepare("select v from kv where k = ?").get(encodedKey(String(SCHEMA_KEY[0])))?.v;
  if (!(value instanceof Uint8Array) || value.byteLength !== 8) return null;
  return Number(new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0, true));
}

/** A key of one string as Deno.Kv writes it: type 2, the text, 0. */
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
