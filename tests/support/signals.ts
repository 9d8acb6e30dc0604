/**
 * Test support: signals to single processes and to groups, the one place where tests send them. A pid that was read
 * from a file not yet written is 0 or no number, and a signal to that one, or to -1, would reach whoever runs the tests.
 *
 * @module
 */

/** @throws {RangeError} for what can be no pid of a test's own process; {@link Deno.errors.NotFound} for one gone. */
export function sendSignal(pid: number, signal: Deno.Signal): void {
  Deno.kill(checked(pid), signal);
}

/**
 * @returns whether it was there to be signalled
 * @throws {RangeError} as {@link sendSignal}
 */
export function signalIfAlive(pid: number, signal: Deno.Signal): boolean {
  return isSent(checked(pid), signal);
}

/**
 * @returns whether anybody of the group was there to be signalled
 * @throws {RangeError} as {@link sendSignal}
 */
export function signalGroup(pgid: number, signal: Deno.Signal): boolean {
  return isSent(-checked(pgid), signal);
}

function isSent(target: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(target, signal);
    return true;
  } catch {
    return false;
  }
}

/** The pid that a file begins with; `null` while it is not there, or not yet written whole. */
export function pidIn(path: string): number | null {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const [, digits] = /^\s*(\d+)\s/.exec(text) ?? [];
  return digits === undefined ? null : checked(Number(digits));
}

function checked(pid: number): number {
  if (!Number.isSafeInteger(pid) || pid <= 1) throw new RangeError(`No pid to signal: ${pid}`);
  return pid;
}
