/**
 * Room `service`, part of `LocalService`: what the file system refuses while a turn is written down, told as what it is:
 * no fault of this program.
 *
 * @module
 */
import { diskFault } from "../../domain/disk_fault.ts";

/** The error as the caller gets it: an expected one, or itself. */
export function fileFailure(error: unknown, doing: string): unknown {
  return diskFault(error, doing) ?? error;
}
