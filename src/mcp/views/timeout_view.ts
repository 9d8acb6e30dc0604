/**
 * Room `mcp`: what the waits of earlier servers answer when their time is over.
 *
 * @module
 */
import type { JobResult } from "../../domain/job/result.ts";
import { cutStart, fence, type Fenced, fencedActivity, quoted } from "./fence.ts";
import type { ToolAnswer } from "../tools/definition/tool.ts";

/** Characters of the transcript in the answer. */
const OUTPUT_CHARS = 8_000;

/** @param again the tool to call again. */
export function timeoutAnswer(
  job: JobResult,
  again: string,
  { fenced }: { readonly fenced: Fenced },
): ToolAnswer {
  const { job_id, status, activity, waiting_for } = job;
  const message = (shown: string | undefined) =>
    [
      `Job ${job_id} is still ${status}`,
      ...(shown === undefined ? [] : [`activity ${shown}`]),
      ...(waiting_for === undefined ? [] : [`waits for ${quoted(waiting_for, 200)}`]),
    ].join(", ") + `. The time of this call is over, the job goes on: call ${again} again.`;
  const output = cutStart(job.output, OUTPUT_CHARS, "cut");
  return {
    structured: {
      job_id,
      status: "timeout",
      message: message(fencedActivity(activity, fenced)),
      output: fenced(output),
    },
    text: [
      message(activity === undefined ? undefined : quoted(activity, 200)),
      ...(output.trim() === "" ? [] : [fence(`last lines of the transcript of ${job_id}`, output.trimEnd())]),
    ].join("\n"),
  };
}
