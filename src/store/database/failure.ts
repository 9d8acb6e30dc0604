/**
 * Room `store`: classifies errors of SQLite and the file system, in this one place. A full disk or a read-only file is
 * not damage, and is never treated as damage.
 *
 * @module
 */
import { diskFault } from "../../domain/disk_fault.ts";
import { AgentAsyncError } from "../../domain/errors.ts";
import { UnreadableValue } from "../records/codec.ts";

/** Patterns of SQLite's error messages: Deno.Kv does not pass on SQLite's error codes. */
const DAMAGED = /file is not a database|database disk image is malformed|malformed database schema/;
const READ_ONLY = /read-?only database/i;
const MISSING = /no such file/i;
const LOCKED = /database is locked/;

/**
 * Whether the error means that the content of the database is damaged, rather than that the file cannot be reached.
 */
export function isDamage(error: unknown): boolean {
  return error instanceof UnreadableValue || (error instanceof Error && DAMAGED.test(error.message));
}

/**
 * Whether the error is a write refused by a read-only database. SQLite opens a file read-only when it cannot open it
 * for writing.
 */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Error && READ_ONLY.test(error.message);
}

/**
 * The error as callers of the store see it. An {@link AgentAsyncError} is returned as it is, and so is an unknown
 * error, since that is a bug.
 *
 * @param doing a verb phrase for the message: "Cannot <doing>: why"
 */
export function storeFailure(error: unknown, doing: string): unknown {
  if (error instanceof AgentAsyncError || !(error instanceof Error)) return error;
  const text = error.message;
  const fail = (code: AgentAsyncError["code"], why: string, hint: string) =>
    new AgentAsyncError(code, `Cannot ${doing}: ${why}`, { hint, cause: error });
  if (isDamage(error)) {
    return fail(
      "store_damaged",
      "its file is damaged",
      "Restart the daemon: it moves the file aside and rebuilds the store from the job directories.",
    );
  }
  const fault = diskFault(error, doing);
  if (fault !== null) return fault;
  if (MISSING.test(text)) {
    return fail("disk_fault", text, "Check the owner, the mode and the mount of the state directory.");
  }
  if (LOCKED.test(text)) {
    return fail(
      "internal",
      "another process has it open",
      "Only one daemon may use a state directory; end the other.",
    );
  }
  return error;
}
