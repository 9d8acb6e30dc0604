/**
 * Room `cli`: the command `apply`.
 *
 * @module
 */
import { workCommand } from "../jobs/work_command.ts";

export const applyCommand = workCommand("apply", {
  summary: "Take over what a job changed in its own place",
  details:
    "As uncommitted changes of your work tree; what is staged stays staged. All files or none: with a conflict nothing is written, and the files and lines are named.",
  example: "The newest job's work, to look at and commit.",
});
