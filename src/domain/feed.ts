/**
 * Room `domain`: the feed, the one durable log of job updates of a daemon. Readers hold a cursor and disturb nobody.
 *
 * @module
 */
import * as z from "zod";
import { EpochMs, JobId } from "./job/ids.ts";
import { JobStatus, Reason } from "./job/reason.ts";

export const FeedEntry = z.object({
  /** 1, 2, 3 ...: reading is always after a cursor. */
  cursor: z.number().int().positive(),
  job_id: JobId,
  turn: z.number().int().positive(),
  status: JobStatus,
  reason: Reason.optional(),
  summary: z.string().optional(),
  at: EpochMs,
});
export type FeedEntry = z.infer<typeof FeedEntry>;
