/**
 * Room `cli`, the monitor: looks up what a job changed.
 *
 * @module
 */
import type { JobService } from "../../service/job_service.ts";
import { diffStat } from "../render/diff_text.ts";
import { styleFor } from "../render/style.ts";
import type { Action } from "./action.ts";

/** The screen colours the lines itself. */
const UNCOLOURED = styleFor({ isTerminal: false }, {});

/** @throws AgentAsyncError `conflict` where it is not known, with the reason */
export async function readChanges(jobId: string, service: Pick<JobService, "diff">): Promise<Action> {
  const found = await service.diff({ job_id: jobId, stat: true });
  return { type: "changes_found", jobId, text: diffStat(found, UNCOLOURED) };
}
