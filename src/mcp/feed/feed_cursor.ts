/**
 * Room `mcp`: a caller's place in the feed.
 *
 * @module
 */
import type { CallOptions } from "../../service/call.ts";
import type { JobService } from "../../service/job_service.ts";

/**
 * `cursor`, or the end of the feed where that lies beyond it: a caller who has made it up, or has it of another state
 * directory, hears of what comes and not of everything that was.
 */
export async function withinFeed(
  cursor: number,
  service: Pick<JobService, "feed">,
  options: CallOptions,
): Promise<number> {
  return Math.min(cursor, (await service.feed({}, options)).cursor);
}
