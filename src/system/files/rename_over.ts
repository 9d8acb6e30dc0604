/**
 * Room `system`: puts a file in the place of another. POSIX does so whoever has the other one open; Windows may refuse
 * it as long as somebody reads the other, be it a virus scanner.
 *
 * @module
 */

/** Ms between two tries on Windows. */
const AGAIN_MS = 10;

/** Ms after which a refusal is meant: a reader of ours is done within one. */
const MOST_MS = 2_000;

/**
 * Renames `from` to `to`, which it replaces. On Windows this thread waits while the system refuses.
 *
 * @throws the file system's error
 */
export function renameOver(from: string, to: string): void {
  const deadline = Deno.build.os === "windows" ? performance.now() + MOST_MS : 0;
  for (;;) {
    try {
      return Deno.renameSync(from, to);
    } catch (error) {
      if (!isRefusal(error) || performance.now() >= deadline) throw error;
      Atomics.wait(NOTHING, 0, 0, AGAIN_MS);
    }
  }
}

/** What is waited on, in vain. */
const NOTHING = new Int32Array(new SharedArrayBuffer(4));

/** Access denied, or a sharing violation. */
function isRefusal(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied ||
    error instanceof Error && /\(os error (?:5|32)\)/.test(error.message);
}
