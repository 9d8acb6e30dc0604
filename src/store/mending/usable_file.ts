/**
 * Room `store`: makes sure that the database can be written before Deno.Kv opens it. SQLite silently opens a file
 * read-only when it cannot open it for writing. The daemon would then refuse every write for as long as it lives, and a
 * write refused in Deno.Kv's own thread ends the process.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { isDamage } from "../database/failure.ts";
import { readSchemaVersion, SCHEMA_VERSION, writeSchemaVersion } from "../database/migrations.ts";
import { ifExists, PRIVATE_FILE_MODE } from "../../system/files/files.ts";
import { pause } from "../../system/pause.ts";

/** Suffixes of the database's own files. */
const FILES = ["", "-wal", "-shm"] as const;

/** Attempts, and ms between two of them: the first failure may have been a passing fault of the disk. */
const TRIES = 3;
const TRY_MS = 200;

/**
 * Restores the modes of the database's files and checks that the database can be written.
 *
 * @throws the error of the system or of SQLite, when the last attempt fails too
 */
export async function makeUsable(path: string): Promise<void> {
  for (let nth = 1;; nth += 1) {
    try {
      mendModes(path);
      return tryWriting(path);
    } catch (error) {
      if (nth === TRIES) throw error;
      await pause(TRY_MS);
    }
  }
}

/**
 * Opens the database as a Deno.Kv, and makes sure by a write that it is not read-only.
 *
 * @throws as {@link makeUsable}
 */
export async function openWritable(path: string): Promise<Deno.Kv> {
  for (let nth = 1;; nth += 1) {
    const kv = await Deno.openKv(path);
    try {
      // Writing the version it already has changes nothing, but fails if the database was opened read-only.
      await writeSchemaVersion(kv, await readSchemaVersion(kv) ?? SCHEMA_VERSION);
      return kv;
    } catch (error) {
      kv.close();
      if (nth === TRIES || isDamage(error)) throw error;
      await pause(TRY_MS);
      await makeUsable(path);
    }
  }
}

/**
 * Checks once that the database can be written, and changes nothing.
 *
 * @throws the error of the system or of SQLite
 */
export function tryWriting(path: string): void {
  const database = new DatabaseSync(path);
  try {
    // Takes SQLite's write lock, which fails on a read-only database, and writes nothing.
    database.exec("begin immediate; rollback");
  } finally {
    database.close();
  }
}

export function mendModes(path: string): void {
  for (const suffix of FILES) mendMode(path + suffix);
}

/**
 * Makes a file readable and writable for its owner. Symbolic links and files of other users are left alone.
 */
function mendMode(path: string): void {
  const info = ifExists(() => Deno.lstatSync(path));
  if (info === null || !info.isFile || info.mode === null || Deno.build.os === "windows") return;
  if ((info.mode & PRIVATE_FILE_MODE) === PRIVATE_FILE_MODE) return;
  if (Deno.uid() === info.uid) Deno.chmodSync(path, PRIVATE_FILE_MODE);
}
