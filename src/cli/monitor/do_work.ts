/**
 * Room `cli`, the monitor: takes a job's changes over, back or away, and says in a line what came of it.
 *
 * @module
 */
import type { JobService } from "../../service/job_service.ts";
import { commandWords } from "../render/command_words.ts";
import type { Action, Effect } from "./action.ts";

/** Conflicts that are named in the line. */
const NAMED = 3;

/** @throws AgentAsyncError where it cannot be done, with the reason */
export async function doWork(
  { jobId, action }: Extract<Effect, { type: "work" }>,
  service: Pick<JobService, "apply">,
): Promise<Action> {
  const { message, conflicts } = await service.apply({ job_id: jobId, action });
  const named = conflicts.slice(0, NAMED)
    .map(({ path, lines, why }) => `${path}${lines === null ? "" : `, lines ${lines}`}: ${why}`);
  const more = conflicts.length - named.length;
  const text = [commandWords(message), ...named, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
  return { type: "told", text, isError: conflicts.length > 0 };
}
