/**
 * The one executable: MCP server, daemon and command line.
 *
 * @module
 */
import manifest from "./deno.json" with { type: "json" };
import { processIo } from "./src/cli/process_io.ts";
import { runCli } from "./src/cli/run_cli.ts";

if (import.meta.main) {
  Deno.exit(await runCli(Deno.args, processIo(), { version: manifest.version }));
}
