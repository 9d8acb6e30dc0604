/**
 * Room `daemon`: this process as the wrapper of one turn, on systems without a POSIX shell.
 *
 * @module
 */
import { keepTurn } from "../../kernel/wrapper/keep_turn.ts";
import { systemProcesses } from "../../system/processes/system_processes.ts";

/** Reads from stdin what it is to do, and ends this process when that is done. */
export async function keepTurnAndExit(): Promise<never> {
  Deno.exit(await keepTurn({ request: Deno.stdin.readable, processes: systemProcesses() }));
}
