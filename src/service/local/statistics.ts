/**
 * Room `service`: statistics, inside the daemon.
 *
 * @module
 */
import { invalidArgument } from "../../domain/errors.ts";
import { type Statistics, statistics, type StatisticsOptions } from "../../domain/statistics.ts";
import type { EndedJobs } from "../../scheduler/views/ended_jobs.ts";
import type { CallOptions } from "../call.ts";
import type { CheckedRequest } from "../job_service.ts";
import { throwIfGivenUp } from "./dependencies.ts";

const DAY_MS = 86_400_000;

/** @throws {AgentAsyncError} `invalid_argument` for a time zone that nobody knows, `cancelled`. */
export async function localStatistics(
  request: CheckedRequest<"stats">,
  facts: EndedJobs,
  { now, call }: { now: number; call: CallOptions },
): Promise<Statistics> {
  const options: StatisticsOptions = { by: request.by, days: request.days, timeZone: request.time_zone, now };
  // Checked before thousands of files are read.
  refuseUnknownZone(options);
  // A zone's days begin up to a day before those of UTC, and may last 25 hours.
  const jobs = await facts.endedSince(now - (request.days + 1) * DAY_MS, call.signal).catch((error) => {
    throwIfGivenUp(call);
    throw error;
  });
  return statistics(jobs, options);
}

function refuseUnknownZone(options: StatisticsOptions): void {
  try {
    statistics([], { ...options, days: 1 });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalidArgument(
      "time_zone",
      "nobody knows this time zone",
      "Use a name such as UTC or Europe/Berlin.",
    );
  }
}
