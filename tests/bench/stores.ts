/**
 * Benchmark: stores of very many jobs, built once for each schema version and kept in the cache of the tests.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { markClosedWell } from "../../src/store/database/database_file.ts";
import { SCHEMA_VERSION } from "../../src/store/database/migrations.ts";
import { testCache } from "../support/agents.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { pause } from "./measure.ts";

const BUILDER = fromFileUrl(new URL("build_store.ts", import.meta.url));

/** Ms since the last write after which a store that is being built has been given up. */
const GIVEN_UP_MS = 60_000;

/** MB of heap for the builder, which holds all jobs at once: 1,000,000 take about 3,000. */
const BUILDER_HEAP_MB = 8_192;

/** Puts a store of `jobs` jobs where a daemon will look for it; it was closed as it should be. */
export async function installStore(jobs: number, path: string): Promise<void> {
  const kept = await keptStore(jobs);
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await Deno.copyFile(kept, path);
  markClosedWell(path);
}

/** By another run: two builders would be in each other's way. */
function isBeingBuilt(path: string): boolean {
  const last = Math.max(writtenAt(`${path}.building`) ?? 0, writtenAt(`${path}.building-wal`) ?? 0);
  return Date.now() - last < GIVEN_UP_MS;
}

function writtenAt(path: string): number | null {
  try {
    return Deno.statSync(path).mtime?.getTime() ?? 0;
  } catch {
    return null;
  }
}

async function keptStore(jobs: number): Promise<string> {
  const directory = join(testCache(), "bench", `store-v${SCHEMA_VERSION}-${jobs}`);
  const path = join(directory, "queue.db");
  while (isBeingBuilt(path)) await pause(1_000);
  if (writtenAt(path) !== null) return path;
  Deno.mkdirSync(directory, { recursive: true });
  console.error(`building a store of ${jobs} jobs, once, in ${directory} ...`);
  const { success, stderr } = await new Deno.Command("nice", {
    args: [
      "-n",
      "10",
      Deno.execPath(),
      "run",
      "-A",
      "--no-check",
      `--v8-flags=--max-old-space-size=${BUILDER_HEAP_MB}`,
      BUILDER,
      path,
      String(jobs),
    ],
    stdin: "null",
  }).output();
  if (!success) throw new Error(`Cannot build a store: ${new TextDecoder().decode(stderr).slice(-500)}`);
  return path;
}
