/**
 * Room `system`: looks at what is usually missing, without the exception for a missing file, which costs six times as
 * much as asking. For the daemon: a front-end does not load this file, since `node:fs` takes some MB.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { ifOurs, readTextIfExists } from "./files.ts";

/** Whether something can be reached at `path`. */
export function isThere(path: string): boolean {
  return existsSync(path);
}

/** As {@link readTextIfExists}, and `null` too when an agent has replaced the file or made it unreadable. */
export function readTextIfOurs(path: string): string | null {
  if (!isThere(path)) return null;
  return ifOurs(() => readTextIfExists(path));
}
