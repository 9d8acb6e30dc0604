/**
 * Room `store`: sees to it that a database can be written before Deno.Kv opens it. SQLite falls back to reading alone where
 * it cannot open a file for writing, without a word: the daemon would refuse every write for as long as it lives, and
 * Deno.Kv's own thread takes the process down when its write is refused.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { isDamage } from "../database/failure.ts";
import { readSchemaVersion, SCHEMA_VERSION, writeSchemaVersion } from "../database/migrations.ts";
import { ifExists, PRIVATE_FILE_MODE } from "../../system/files/files.ts";
import { pause } from "../../system/pause.ts";

/** What SQLite keeps, by its name behind the database's. */
const FILES = ["", "-wal", "-shm"] as const;

/** Tries, and ms between them: what refused the first one may have been a moment of the disk's. */
const TRIES = 3;
const TRY_MS = 200;

/**
 * Gives the files their modes back and looks whether the database can be written.
 *
 * @throws what the system or SQLite says, when it still cannot be after some tries
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

/** Opens a Deno.Kv that can be written. @throws as {@link makeUsable} */
export async function openWritable(path: string): Promise<Deno.Kv> {
  for (let nth = 1;; nth += 1) {
    const kv = await Deno.openKv(path);
    try {
      // Says the same again, unless the file was opened for reading alone after all.
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

/** @throws as {@link makeUsable}, at the first try */
export function tryWriting(path: string): void {
  const database = new DatabaseSync(path);
  try {
    // Takes the lock of a writer, which a database that is only read refuses, and writes nothing.
    database.exec("begin immediate; rollback");
  } finally {
    database.close();
  }
}

export function mendModes(path: string): void {
  for (const suffix of FILES) mendMode(path + suffix);
}

/** Links, and what is somebody else's, stay as they are. */
function mendMode(path: string): void {
  const info = ifExists(() => Deno.lstatSync(path));
  if (info === null || !info.isFile || info.mode === null || Deno.build.os === "windows") return;
  if ((info.mode & PRIVATE_FILE_MODE) === PRIVATE_FILE_MODE) return;
  if (Deno.uid() === info.uid) Deno.chmodSync(path, PRIVATE_FILE_MODE);
}
