/**
 * Benchmark: stores of very many jobs, built once for each schema version and kept in the cache of the tests.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { markClosedWell } from "../../src/store/database_file.ts";
import { SCHEMA_VERSION } from "../../src/store/migrations.ts";
import { testCache } from "../support/agents.ts";
import { fromFileUrl } from "../support/from_file_url.ts";

const BUILDER = fromFileUrl(new URL("build_store.ts", import.meta.url));

/** MB of heap for the builder, which holds all jobs at once: 1,000,000 take about 3,000. */
const BUILDER_HEAP_MB = 8_192;

/** Puts a store of `jobs` jobs where a daemon will look for it; it was closed as it should be. */
export async function installStore(jobs: number, path: string): Promise<void> {
  const kept = await keptStore(jobs);
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await Deno.copyFile(kept, path);
  markClosedWell(path);
}

async function keptStore(jobs: number): Promise<string> {
  const directory = join(testCache(), "bench", `store-v${SCHEMA_VERSION}-${jobs}`);
  const path = join(directory, "queue.db");
  try {
    Deno.statSync(path);
    return path;
  } catch {
    // Built below.
  }
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
