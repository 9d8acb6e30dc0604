/**
 * Room `cli`: the command `discard`.
 *
 * @module
 */
import { workCommand } from "../jobs/work_command.ts";

export const discardCommand = workCommand("discard", {
  summary: "Remove the place that a job worked in",
  details:
    "What it changed can still be seen with diff, and taken over as a patch, until the job is removed.",
  example: "When its work is taken over, or not wanted.",
});
