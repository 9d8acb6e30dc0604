/**
 * Room `kernel`: ends a turn where there are neither signals nor groups nor environments to be read, which is Windows.
 * Nothing can be asked there, so nobody is: the agent's tree is ended by force, and the wrapper last.
 *
 * @module
 */
import { ifOurs, PRIVATE_FILE_MODE } from "../../system/files/files.ts";
import type { Processes } from "../../system/processes/processes.ts";
import { isSame, type ProcessName, ProcessTree } from "./process_tree.ts";
import type { TurnDirectory } from "../turn_directory.ts";
import { TurnProcess } from "../turn_process.ts";
import { until } from "../until.ts";

/** Ms that a wrapper which has claimed its turn may take to say its pid. */
const BIRTH_MS = 2_000;

/** Ms for the agent's tree to end, and for the wrapper to record that and leave. */
const RECORD_MS = 4_000;

/** Ms that killing may go on; a look at all processes takes half a second. */
const KILL_MS = 10_000;

/**
 * As of `terminate`; a survivor of pid 0 is one that cannot be told. What an agent has started that outlives its parents
 * is found, since it still names them.
 */
export async function terminateTree(
  { turn, processes }: { turn: TurnDirectory; processes: Processes },
): Promise<{ killed: number; survivors: readonly number[] }> {
  const turnProcess = new TurnProcess(turn, processes);
  if (turnProcess.liveness() === "unborn" && forestalls(turn)) return { killed: 0, survivors: [] };
  // Its file is held an instant before it says its pid.
  await until(() => turnProcess.identity() !== null || turnProcess.exitRecord() !== null, BIRTH_MS);
  const isHeld = () => turnProcess.liveness() === "alive";
  if (!isHeld() && turnProcess.exitRecord() !== null) return { killed: 0, survivors: [] };
  const wrapper = turnProcess.identity();
  // Who it is cannot be told: it is not said that nobody was left.
  if (wrapper === null) return { killed: 0, survivors: isHeld() ? [0] : [] };
  const tree = new ProcessTree(processes, wrapper);
  const isWrapper = (row: ProcessName) => isSame(row, wrapper);
  const end = async (isSpared: (row: ProcessName) => boolean, ms: number) => {
    await until(() => {
      const isLeft = isHeld();
      tree.scan();
      const rows = tree.alive.filter((row) => !isSpared(row));
      for (const row of rows) processes.signal(row.pid, "SIGKILL");
      return rows.length === 0 && !isLeft;
    }, ms);
  };
  // The wrapper leaves by itself once it has recorded how its agent ended.
  await end(isWrapper, RECORD_MS);
  if (isHeld() && tree.alive.some(isWrapper)) await end(() => false, KILL_MS);
  // Whoever holds the file runs, whatever was found.
  const others = tree.alive.filter((row) => !isWrapper(row)).map((row) => row.pid);
  const survivors = isHeld() ? [wrapper.pid, ...others] : others;
  return { killed: tree.count - survivors.length, survivors };
}

/** Claims the turn of a wrapper that has not: when it comes, it finds that the turn is not its own, and runs nothing. */
function forestalls(turn: TurnDirectory): boolean {
  try {
    const open = () =>
      Deno.openSync(turn.aliveFile, { write: true, createNew: true, mode: PRIVATE_FILE_MODE });
    // Without its directory, which somebody has removed, nothing can be claimed at all.
    ifOurs(open)?.close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}
