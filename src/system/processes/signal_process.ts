/**
 * Room `system`: one way to send signals. Pids of 1 and below are refused: -1 would reach everybody.
 *
 * @module
 */

/** Whether it was sent. */
export function signalProcess(pid: number, signal: Deno.Signal): boolean {
  return pid > 1 && send(pid, signal);
}

/** Whether anybody of the group got it. */
export function signalProcessGroup(pgid: number, signal: Deno.Signal): boolean {
  return pgid > 1 && send(-pgid, signal);
}

function send(target: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(target, signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}
