/**
 * Room `store`: migrations of the database from one schema version to the next. A released migration is never edited: a
 * new layout is a new migration at the end of the list, and a database written by the old version is added to the
 * tests.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Log } from "../../system/log.ts";
import { count, countOf } from "../records/codec.ts";
import { SCHEMA_KEY } from "../records/keys.ts";

export interface Migration {
  /** The schema version after this migration, one above the version it starts from. */
  readonly to: number;
  /**
   * Rewrites the store in as many commits as it needs. It may be killed at any moment and is then run again from the
   * start, so it must be idempotent. It has to parse the records it rewrites.
   */
  run(kv: Deno.Kv): Promise<void>;
}

/**
 * All migrations in order, without a gap; the first one leads to version 2.
 *
 * Version 2 (agent-async 0.2.0) has the layout of version 1. From version 2 on, a record may hold words and keys that
 * its reader does not know. A program of version 1 cannot read such records, and the higher version makes it refuse the
 * store.
 */
export const MIGRATIONS: readonly Migration[] = [{ to: 2, run: () => Promise.resolve() }];

/** The schema version that this program writes. */
export const SCHEMA_VERSION = 1 + MIGRATIONS.length;

export async function writeSchemaVersion(kv: Deno.Kv, version: number): Promise<void> {
  await kv.set(SCHEMA_KEY, count(version));
}

/**
 * The schema version of the store. `null` when there is none: the database is not one of ours, or is incomplete.
 */
export async function readSchemaVersion(kv: Deno.Kv): Promise<number | null> {
  const entry = await kv.get<Deno.KvU64>(SCHEMA_KEY);
  return entry.value === null ? null : countOf(entry);
}

/**
 * Refuses a store whose schema version is higher than `known`.
 *
 * @throws {AgentAsyncError} `store_newer`
 */
export function refuseNewer(version: number, known: number = SCHEMA_VERSION): void {
  if (version <= known) return;
  throw new AgentAsyncError(
    "store_newer",
    `Cannot open the store: it has version ${version}, and this agent-async knows up to version ${known}`,
    {
      hint: "Run the newer agent-async (`agent-async update`), or set AGENT_ASYNC_HOME to another directory.",
    },
  );
}

/**
 * Runs the missing migrations in order, and writes the new schema version after each one.
 *
 * @throws {AgentAsyncError} `store_newer`, before anything is written
 */
export async function migrate(
  kv: Deno.Kv,
  log: Log,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const newest = 1 + migrations.length;
  const found = await readSchemaVersion(kv) ?? 0;
  refuseNewer(found, newest);
  for (const migration of migrations) {
    if (migration.to <= found) continue;
    log.info("migrating the store", { from: migration.to - 1, to: migration.to });
    await migration.run(kv);
    await writeSchemaVersion(kv, migration.to);
  }
}
