/**
 * Room `daemon`: where a daemon can run at all.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";

/** What a system and its Deno have. */
export interface SystemAbilities {
  readonly os: string;
  /** Whether files can be tried to be locked: since Deno 2.7. */
  readonly triesLocks: boolean;
}

const PRESENT: SystemAbilities = { os: Deno.build.os, triesLocks: "tryLock" in Deno.FsFile.prototype };

export function isSupportedSystem({ os, triesLocks }: SystemAbilities = PRESENT): boolean {
  return os !== "windows" || triesLocks;
}

/**
 * On Windows a file lock is the only sign that a turn still runs, so a Deno that cannot try a lock is refused before
 * anything else fails. A released executable contains a Deno that can.
 *
 * @throws {AgentAsyncError} `daemon_unreachable`
 */
export function requireSupportedSystem(present: SystemAbilities = PRESENT): void {
  if (isSupportedSystem(present)) return;
  throw new AgentAsyncError("daemon_unreachable", "On Windows, jobs need Deno 2.7 or later.", {
    hint: "Update Deno, or install a released executable.",
  });
}
