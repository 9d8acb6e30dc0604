/**
 * Room `domain`: the feed, the one durable log of a daemon's job updates. Each reader keeps its own cursor.
 *
 * @module
 */
import * as z from "zod";
import { EpochMs, JobId } from "./job/ids.ts";
import { JobStatus, Reason } from "./job/reason.ts";

export const FeedEntry = z.object({
  /** Number of the entry: 1, 2, 3 ... Readers ask for entries after a cursor. */
  cursor: z.number().int().positive(),
  job_id: JobId,
  turn: z.number().int().positive(),
  status: JobStatus,
  reason: Reason.optional(),
  summary: z.string().optional(),
  /** Ids of the questions that the job has begun to ask, and of those that are settled, by this entry. */
  asked: z.array(z.string()).optional(),
  settled: z.array(z.string()).optional(),
  at: EpochMs,
});
export type FeedEntry = z.infer<typeof FeedEntry>;
