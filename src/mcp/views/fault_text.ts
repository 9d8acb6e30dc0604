/**
 * Room `mcp`: the one place where a failure becomes words for a host: what is wrong, how things stand, what to call
 * next.
 *
 * @module
 */
import { diskFault } from "../../domain/disk_fault.ts";
import { type ErrorCode, isAgentAsyncError } from "../../domain/errors.ts";
import { unknownWord } from "../../domain/reading/unknown_word.ts";
import type { JobService } from "../../service/job_service.ts";
import type { ToolWords } from "../tool_words.ts";

export interface FaultPlace {
  readonly tool: string;
  /** The `job_id` of the call, unchecked. */
  readonly jobId: unknown;
  readonly service: Pick<JobService, "poll">;
  readonly logPath: string;
  readonly words: ToolWords;
}

/** Never throws. A bug is told shortly: its stack is for the log. */
export async function faultText(error: unknown, place: FaultPlace): Promise<string> {
  const { words } = place;
  if (!isAgentAsyncError(error)) {
    const fault = diskFault(error, `answer ${place.tool}`);
    return fault === null ? words.say(bugText(place)) : await faultText(fault, place);
  }
  return [
    `${error.code}: ${error.message}`,
    ...(error.hint === undefined ? [] : [words.say(error.hint)]),
    ...(error.code === "conflict" ? await presentState(place) : []),
    // The service's own hint for a missing job names the same tool, so it would be said twice.
    ...(error.code === "not_found" && error.hint !== undefined
      ? []
      : [words.say(nextCall(error.code, place))]),
  ].join("\n");
}

async function presentState(place: FaultPlace): Promise<string[]> {
  if (typeof place.jobId !== "string") return [];
  try {
    const job_id = place.jobId.trim().toLowerCase();
    const job = await place.service.poll({ job_id, tail_lines: 0 });
    const reason = job.reason === undefined || job.reason === job.status ? "" : ` (${job.reason})`;
    return [`Job ${job_id} is ${job.status}${reason}, turn ${job.turn}.`];
  } catch {
    // The job's state was only an addition: without it the fault itself is still told.
    return [];
  }
}

function nextCall(code: ErrorCode, place: FaultPlace): string {
  switch (code) {
    case "invalid_argument":
      return `Nothing was done. Next: ${place.tool} with what is named here corrected.`;
    case "not_found":
      return "Next: job_list shows the jobs that there are.";
    case "unknown_agent":
      return "Nothing was started. Next: queue_status shows the agents that there are.";
    case "conflict":
      return typeof place.jobId === "string"
        ? "Nothing was changed. Next: job_poll shows the job."
        : "Nothing was started. Next: queue_status shows which agents can work here.";
    case "depth_exceeded":
      return "Nothing was started. Do this work yourself: a job inside a job inside a job goes no deeper.";
    case "config_invalid":
    case "store_newer":
    case "store_damaged":
    case "disk_full":
    case "disk_fault":
      return `Jobs cannot be reached until a person has mended this; \`agent-async doctor\` says more.`;
    case "daemon_unreachable":
      return `Jobs that run go on. Next: ${place.tool} once more; if it stays so, \`agent-async doctor\` says more.`;
    case "handover":
      return `The service was being replaced. Next: ${place.tool} once more.`;
    case "cancelled":
      return "Only this call was given up: no job was touched by it.";
    case "internal":
      return `This is a fault of agent-async; ${place.logPath} has the details. Jobs that run go on.`;
    default:
      return `A later version of agent-async calls this ${unknownWord(code)}. Jobs that run go on.`;
  }
}

function bugText(place: FaultPlace): string {
  return `internal: ${place.tool} failed by a fault of agent-async; ${place.logPath} has the details. ` +
    "Jobs that run go on. Next: job_list shows them.";
}
