/**
 * Room `store`: failures of the storage underneath, told apart once. A disk that is full or a file that may not be
 * written is no damage, and is never treated as such.
 *
 * @module
 */
import { diskFault } from "../../domain/disk_fault.ts";
import { AgentAsyncError } from "../../domain/errors.ts";
import { UnreadableValue } from "../records/codec.ts";

/** Words of SQLite, whose codes Deno.Kv does not hand on. */
const DAMAGED = /file is not a database|database disk image is malformed|malformed database schema/;
const READ_ONLY = /read-?only database/i;
const MISSING = /no such file/i;
const LOCKED = /database is locked/;

/** Whether the content of the file is at fault, and not the way to it. */
export function isDamage(error: unknown): boolean {
  return error instanceof UnreadableValue || (error instanceof Error && DAMAGED.test(error.message));
}

/** Whether it was opened for reading alone, as SQLite does when it could not open it for writing. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Error && READ_ONLY.test(error.message);
}

/** The error as it leaves this room. Expected ones are kept; one that nobody knows is kept too: it is a bug. */
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
