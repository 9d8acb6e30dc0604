/**
 * Room `domain`: decides which of two records of one job is the later one. Rule of this file: it compares only what can
 * change in one direction in a job, never a time, since clocks may be wrong.
 *
 * @module
 */
import { isActive, isJobIn, type Job } from "../job/job.ts";
import { isFinished } from "../job/reason.ts";
import { isUnreadable } from "../job/unreadable_job.ts";

/**
 * Whether `record` is a later state of the same job than `other`. False for two different ends of one turn: a finished
 * state does not change. False when one of them cannot be read: nothing shows that the other is the later one.
 */
export function isLaterRecord(record: Job, other: Job): boolean {
  if (isUnreadable(record) || isUnreadable(other)) return false;
  if (record.last_turn !== other.last_turn) return record.last_turn > other.last_turn;
  // `last_turn` is the same in both, so no reply was added: the queue can only have become shorter.
  if (record.queue.length !== other.queue.length) return record.queue.length < other.queue.length;
  if (record.turn !== other.turn) return record.turn > other.turn;
  if (rank(record) !== rank(other)) return rank(record) > rank(other);
  return record.summary !== null && record.summary !== other.summary;
}

function rank(job: Job): number {
  if (isFinished(job.state.status)) return 4;
  // A state that only a later version knows counts as later than every known one except an end.
  if (!isActive(job)) return 3;
  if (!isJobIn(job, "running")) return 0;
  return job.state.stop === null ? 1 : 2;
}
