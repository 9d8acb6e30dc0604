/**
 * Room `kernel`: ends a turn on Windows, where there are no signals, no process groups and no way to read another
 * process's environment. No agent can be asked to stop there. So its process tree is killed, and the wrapper last.
 *
 * @module
 */
import { ifOurs, PRIVATE_FILE_MODE } from "../../system/files/files.ts";
import type { Processes } from "../../system/processes/processes.ts";
import { isSame, type ProcessName, ProcessTree } from "./process_tree.ts";
import type { TurnDirectory } from "../turn_directory.ts";
import { TurnProcess } from "../turn_process.ts";
import { until } from "../until.ts";

/** Ms that a wrapper may take to write its pid once it has claimed its turn. */
const BIRTH_MS = 2_000;

/** Ms that the agent's process tree may take to end, and the wrapper to write its exit record and exit. */
const RECORD_MS = 4_000;

/** Ms that killing may go on; to list all processes takes half a second. */
const KILL_MS = 10_000;

/**
 * Does what `terminate` does, by process tree. Descendants whose parents have died are found too, since Windows keeps
 * the parent's pid. A survivor with pid 0 is a wrapper that runs and whose pid is not known.
 */
export async function terminateTree(
  { turn, processes }: { turn: TurnDirectory; processes: Processes },
): Promise<{ killed: number; survivors: readonly number[] }> {
  const turnProcess = new TurnProcess(turn, processes);
  if (turnProcess.liveness() === "unborn" && forestalls(turn)) return { killed: 0, survivors: [] };
  // A wrapper locks its `alive` file an instant before it writes its pid.
  await until(() => turnProcess.identity() !== null || turnProcess.exitRecord() !== null, BIRTH_MS);
  const isHeld = () => turnProcess.liveness() === "alive";
  if (!isHeld() && turnProcess.exitRecord() !== null) return { killed: 0, survivors: [] };
  const wrapper = turnProcess.identity();
  // The wrapper runs but its pid is unknown: it is reported as a survivor.
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
  // First without the wrapper, which exits by itself once it has written its agent's exit record.
  await end(isWrapper, RECORD_MS);
  if (isHeld() && tree.alive.some(isWrapper)) await end(() => false, KILL_MS);
  // As long as the `alive` file is held the wrapper runs, even when the scan did not find it.
  const others = tree.alive.filter((row) => !isWrapper(row)).map((row) => row.pid);
  const survivors = isHeld() ? [wrapper.pid, ...others] : others;
  return { killed: tree.count - survivors.length, survivors };
}

/**
 * Claims the turn before its wrapper does. A wrapper that comes later then refuses the turn. Returns false when the
 * turn was claimed already.
 */
function forestalls(turn: TurnDirectory): boolean {
  try {
    const open = () =>
      Deno.openSync(turn.aliveFile, { write: true, createNew: true, mode: PRIVATE_FILE_MODE });
    // When the turn's directory was removed, no wrapper can claim the turn either.
    ifOurs(open)?.close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}
