/**
 * Room `cli`: the check of `doctor` on the records of jobs. Asks a running daemon, and starts none.
 *
 * @module
 */
import { statePaths } from "../../config/state_paths.ts";
import { UNREADABLE, UNREADABLE_HINT } from "../../domain/job/unreadable_job.ts";
import { MAX_LISTED } from "../../service/read_requests.ts";
import { ifOurs } from "../../system/files/files.ts";
import type { Context } from "../context.ts";
import { existingDaemon, homeOf } from "../existing_daemon.ts";
import { type Check, warn } from "./check.ts";

/** Most ids in the message. */
const IDS_TOLD = 10;

/** One finding when some of the newest jobs have records that cannot be read; otherwise none. */
export async function checkJobs(context: Context): Promise<Check[]> {
  const home = homeOf(context);
  // Looking for the socket would create the state directory.
  if (ifOurs(() => Deno.statSync(home)) === null) return [];
  const jobs = await existingDaemon(context, async (service) => {
    const listed = await service.list({ limit: MAX_LISTED }, { signal: context.interrupt });
    return listed.jobs.filter(({ status }) => String(status) === UNREADABLE).map(({ job_id }) => job_id);
    // The check on the daemon tells why it does not answer.
  }).catch(() => null);
  if (jobs === null || jobs.length === 0) return [];
  const ids = `${jobs.slice(0, IDS_TOLD).join(", ")}${jobs.length > IDS_TOLD ? " and more" : ""}`;
  const what = jobs.length === 1 ? "the record of 1 job" : `the records of ${jobs.length} jobs`;
  const { logFile } = statePaths(home);
  return [
    warn("jobs", `${what} cannot be read: ${ids}`, `${UNREADABLE_HINT} ${logFile} says what is wrong.`),
  ];
}
