/**
 * Room `service`, part of `LocalService`: what the file system refuses while a turn is written down, told as what it is:
 * no fault of this program.
 *
 * @module
 */
import { AgentAsyncError } from "../domain/errors.ts";
import { isDiskFull } from "../system/files.ts";

/** EPERM, EACCES and EROFS. */
const REFUSED = /\(os error (?:1|13|30)\)/;

/** The error as the caller gets it: an expected one, or itself. */
export function fileFailure(error: unknown, doing: string): unknown {
  if (error instanceof AgentAsyncError || !(error instanceof Error)) return error;
  if (isDiskFull(error)) {
    return new AgentAsyncError("disk_full", `Cannot ${doing}: the disk is full`, {
      hint: "Free some space (`agent-async prune` helps), then call again.",
      cause: error,
    });
  }
  if (!REFUSED.test(error.message)) return error;
  return new AgentAsyncError("internal", `Cannot ${doing}: ${error.message}`, {
    hint: "Check the owner, the mode and the mount of the state directory.",
    cause: error,
  });
}
