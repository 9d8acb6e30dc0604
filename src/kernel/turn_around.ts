/**
 * Room `kernel`: finds the turn that a process runs in.
 *
 * @module
 */
import type { ProcessIdentity, ProcessRow } from "../system/processes/processes.ts";

/**
 * Goes through `processes` in order and returns the turn of the first one that runs in any of `turns`; `null` when none
 * does. A process runs in a turn when it is the turn's wrapper, or is in the session that the wrapper leads.
 */
export function turnAround<T extends { readonly wrapper: ProcessIdentity | null }>(
  processes: readonly ProcessRow[],
  turns: readonly T[],
): T | null {
  for (const { pid, sid, startTime } of processes) {
    const around = turns.find(({ wrapper }) =>
      wrapper !== null && (wrapper.pid === pid ? wrapper.startTime === startTime : wrapper.pid === sid)
    );
    if (around !== undefined) return around;
  }
  return null;
}
