/**
 * Room `system`: sends signals. Pids of 1 and below are refused, since -1 would signal every process of the user.
 *
 * @module
 */

/**
 * @returns whether the signal was sent; `false` when there is no such process or this user may not signal it
 */
export function signalProcess(pid: number, signal: Deno.Signal): boolean {
  return pid > 1 && send(pid, signal);
}

/** @returns whether any member of the group received the signal */
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
