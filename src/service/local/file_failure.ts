/**
 * Room `service`, part of `LocalService`: a full disk, or another refusal of the file system while a turn is written, is
 * told as such and not as a fault of this program.
 *
 * @module
 */
import { diskFault } from "../../domain/disk_fault.ts";

/** The error for the caller: `disk_full` or `disk_fault` for a refusal of the file system; any other error as it is. */
export function fileFailure(error: unknown, doing: string): unknown {
  return diskFault(error, doing) ?? error;
}
