/**
 * The one executable: MCP server, daemon and command line.
 *
 * @module
 */
import manifest from "./deno.json" with { type: "json" };
import { processIo } from "./src/cli/entry/process_io.ts";
import { runCli } from "./src/cli/entry/run_cli.ts";

if (import.meta.main) {
  Deno.exit(await runCli(Deno.args, processIo(), { version: manifest.version }));
}
