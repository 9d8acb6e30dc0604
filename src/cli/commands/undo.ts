/**
 * Room `cli`: the command `undo`.
 *
 * @module
 */
import { workCommand } from "../jobs/work_command.ts";

export const undoCommand = workCommand("undo", {
  summary: "Take back what a job changed",
  details:
    "File by file what it was before the job; what was changed since is merged. All files or none: with a " +
    "conflict nothing is written. Files that git ignores are not covered.",
  example: "As if the newest job had not written.",
});
