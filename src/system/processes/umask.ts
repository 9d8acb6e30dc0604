/**
 * Room `system`: the umask of this process, which its child processes inherit. Files of this program are private
 * whatever umask it was started with; one of 0777 would even lock out their owner. Programs of others run with the
 * umask that this process was started with.
 *
 * @module
 */

/** No access for group and others, full access for the owner. */
const PRIVATE = 0o077;

let given: number | null = null;

/**
 * From now on, only this user can access the files that this process creates. Does nothing on Windows, which has no
 * umask.
 */
export function keepFilesPrivate(): void {
  if (Deno.build.os !== "windows") given ??= Deno.umask(PRIVATE);
}

/** The umask that this process was started with. */
export function givenUmask(): number {
  return given ?? Deno.umask();
}

/**
 * Runs `start` under {@link givenUmask}. `start` must start another program synchronously: the umask is reset when it
 * returns.
 */
export function withGivenUmask<Started>(start: () => Started): Started {
  if (given === null) return start();
  const own = Deno.umask(given);
  try {
    return start();
  } finally {
    Deno.umask(own);
  }
}
