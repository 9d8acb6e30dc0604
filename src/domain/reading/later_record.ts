/**
 * Room `domain`: which of two records of one job was written later. Rule of this file: only what a job's life allows in
 * one direction counts, so that no clock and no file time can be wrong about it.
 *
 * @module
 */
import { isActive, isJobIn, type Job } from "../job/job.ts";
import { isFinished } from "../job/reason.ts";

/**
 * Whether `record` is a later state of the same job than `other`. Two ends of one turn are never told apart: a terminal
 * state does not change.
 */
export function isLaterRecord(record: Job, other: Job): boolean {
  if (record.last_turn !== other.last_turn) return record.last_turn > other.last_turn;
  // Accepted replies only leave the queue as long as none is added, which would have raised `last_turn`.
  if (record.queue.length !== other.queue.length) return record.queue.length < other.queue.length;
  if (record.turn !== other.turn) return record.turn > other.turn;
  if (rank(record) !== rank(other)) return rank(record) > rank(other);
  return record.summary !== null && record.summary !== other.summary;
}

function rank(job: Job): number {
  if (isFinished(job.state.status)) return 4;
  // What only a later version knows is never undone by what is known here, but by an end.
  if (!isActive(job)) return 3;
  if (!isJobIn(job, "running")) return 0;
  return job.state.stop === null ? 1 : 2;
}
