/**
 * Room `daemon`: runs the user's command when a job ends, with the job result on its stdin.
 *
 * @module
 */
import { type FeedCommandOptions, runFeedCommand } from "./feed_command.ts";

/** Resolves when the signal fires. */
export async function runOnFinish(options: Omit<FeedCommandOptions, "setting">): Promise<void> {
  await runFeedCommand({ ...options, setting: "on_finish" }, {
    feed: { finished_only: true },
    // A job may have been pruned before its end could be told.
    inputOf: ({ job_id }) => options.service.poll({ job_id }).catch(() => null),
    // Not AGENT_ASYNC_JOB_ID: processes that carry it are ended with their job.
    variable: "AGENT_ASYNC_FINISHED_JOB_ID",
  });
}
