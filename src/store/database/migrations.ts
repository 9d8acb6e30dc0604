/**
 * Room `store`: from the layout of one version to the next. A released version is never edited: a new layout is a new
 * step at the end of the list, and a database that the old version wrote is added to the tests.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Log } from "../../system/log.ts";
import { count, countOf } from "../records/codec.ts";
import { SCHEMA_KEY } from "../records/keys.ts";

export interface Migration {
  /** The version that it makes, one above the one it takes. */
  readonly to: number;
  /**
   * Rewrites the store in commits of its own. It may be killed at any moment and is then run again from the start, so
   * it must do no harm to what it has done already. Records are parsed on the way.
   */
  run(kv: Deno.Kv): Promise<void>;
}

/**
 * In order, without a gap; the first one makes version 2.
 *
 * Version 2 (agent-async 0.2.0) has the same layout. From it on records may hold words and keys that its readers do not
 * know; a program of version 1 could not read them, and has to refuse the store before it tries.
 */
export const MIGRATIONS: readonly Migration[] = [{ to: 2, run: () => Promise.resolve() }];

/** The version that this program writes. */
export const SCHEMA_VERSION = 1 + MIGRATIONS.length;

export async function writeSchemaVersion(kv: Deno.Kv, version: number): Promise<void> {
  await kv.set(SCHEMA_KEY, count(version));
}

/** `null` when the store has none: it is not one of ours, or not complete. */
export async function readSchemaVersion(kv: Deno.Kv): Promise<number | null> {
  const entry = await kv.get<Deno.KvU64>(SCHEMA_KEY);
  return entry.value === null ? null : countOf(entry);
}

/** @throws {AgentAsyncError} `store_newer`, before anything is written. */
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

/** Brings the store to the newest version, one step after the other; the version moves when a step is complete. */
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
