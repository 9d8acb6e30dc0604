/**
 * Room `kernel`: in which turn a process runs.
 *
 * @module
 */
import type { ProcessIdentity, ProcessRow } from "../system/processes/processes.ts";

/**
 * The turn that the first of these processes belongs to which belongs to any: its wrapper, or one in the session that
 * the wrapper leads.
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
