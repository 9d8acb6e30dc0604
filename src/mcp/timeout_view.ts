/**
 * Room `mcp`: what the waits of earlier servers answer when their time is over.
 *
 * @module
 */
import type { JobResult } from "../domain/result.ts";
import { cutStart, fence, quoted } from "./fence.ts";
import type { ToolAnswer } from "./tool.ts";

/** Characters of the transcript. */
const OUTPUT_CHARS = 8_000;

/** @param again the tool to call again. */
export function timeoutAnswer(job: JobResult, again: string): ToolAnswer {
  const { job_id, status, activity, waiting_for } = job;
  const how = [
    `Job ${job_id} is still ${status}`,
    ...(activity === undefined ? [] : [`activity ${quoted(activity, 200)}`]),
    ...(waiting_for === undefined ? [] : [`waits for ${quoted(waiting_for, 200)}`]),
  ].join(", ");
  const message = `${how}. The time of this call is over, the job goes on: call ${again} again.`;
  const output = cutStart(job.output, OUTPUT_CHARS, "cut");
  return {
    structured: { job_id, status: "timeout", message, output },
    text: [
      message,
      ...(output.trim() === "" ? [] : [fence(`last lines of the transcript of ${job_id}`, output.trimEnd())]),
    ].join("\n"),
  };
}
