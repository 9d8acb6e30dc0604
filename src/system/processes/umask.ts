/**
 * Room `system`: the umask, which is the process's own and is handed on to every process that it starts. Files of this
 * program are private whatever the umask is (one of 0777 would keep its own owner out), and programs of others get the one
 * that this process was started with.
 *
 * @module
 */

/** Nothing for group and others, everything for the owner. */
const PRIVATE = 0o077;

let given: number | null = null;

/** What this process makes from now on is its user's alone. Windows has no umask. */
export function keepFilesPrivate(): void {
  if (Deno.build.os !== "windows") given ??= Deno.umask(PRIVATE);
}

/** The umask that this process was started with. */
export function givenUmask(): number {
  return given ?? Deno.umask();
}

/** Runs `start`, which starts a process of somebody else's and does not wait for anything, under {@link givenUmask}. */
export function withGivenUmask<Started>(start: () => Started): Started {
  if (given === null) return start();
  const own = Deno.umask(given);
  try {
    return start();
  } finally {
    Deno.umask(own);
  }
}
