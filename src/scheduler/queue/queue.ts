/**
 * Room `scheduler`: the queue as the last round has left it: who waits for what, and in which order.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import type { Job } from "../../domain/job/job.ts";
import type { ActiveJobs } from "../active_jobs.ts";
import type { Line } from "./line.ts";
import { PendingJobs } from "./pending_jobs.ts";
import { pick, type Picked } from "./pick.ts";
import type { QueueSnapshot } from "./reason.ts";

/** What a round has seen. */
interface Seen {
  /** Of the active jobs. */
  readonly version: number;
  readonly total: number;
  /** Whether there was nothing to go by that a version does not tell: no answer, visitor, budget or other job. */
  readonly isPlain: boolean;
}

/** Before the first round. */
const NOTHING: QueueSnapshot = { pending: new PendingJobs(), running: [], dependencies: new Map(), now: 0 };

export class Queue {
  #picked: Picked = pick(NOTHING, { total: 0 });
  #seen: Seen | null = null;

  constructor(readonly jobs: Pick<ActiveJobs, "get" | "pending" | "running" | "pendingCount" | "version">) {}

  /** Who waits, and why, as the last round has left it. */
  get line(): Line {
    return this.#picked.line;
  }

  /**
   * Decides anew, unless nothing has changed since: thousands that wait would cost each round milliseconds.
   *
   * @param version of the active jobs, of which the snapshot is
   */
  pick(snapshot: QueueSnapshot, limits: { total: number }, version: number): Picked {
    const isPlain = isPlainOne(snapshot);
    const { total } = limits;
    if (isPlain && this.#seen?.isPlain === true && this.#isCurrent({ version, total, now: snapshot.now })) {
      return this.#picked;
    }
    this.#picked = pick(snapshot, limits);
    this.#seen = { version, total, isPlain };
    return this.#picked;
  }

  /**
   * Whether nobody waits who could start instead of a new job of this agent, or whom it would have to wait with: the last
   * round knew all that is known now, let nobody start, and held no job of the agent for its usage limit.
   */
  isSettled(agent: string, { total }: { total: number }, now: number): boolean {
    if (this.jobs.pendingCount === 0) return true;
    return this.#isCurrent({ version: this.jobs.version, total, now }) && !this.#picked.held.has(agent);
  }

  /** Has a job remembered that was started before those that wait: that lets none of them start. */
  admit(remember: () => void): void {
    const seen = this.#seen?.version === this.jobs.version ? this.#seen : null;
    remember();
    if (seen !== null) this.#seen = { ...seen, version: this.jobs.version };
  }

  /** Has the next round decide anew: something has changed that no version tells. */
  forget(): void {
    this.#seen = null;
  }

  /** Place in the queue: 1 for the job that starts next, `null` for a job that does not wait. */
  position(id: JobId): number | null {
    const job = this.jobs.get(id);
    return job === null ? null : this.line.position(job);
  }

  /** Running and pending jobs, in queue order. Those that no round has seen yet come last. */
  all(): { running: Job[]; pending: Job[] } {
    return { running: this.jobs.running(), pending: this.line.sorted(this.jobs.pending().inOrder) };
  }

  #isCurrent({ version, total, now }: { version: number; total: number; now: number }): boolean {
    const { start, fail, wakeAt } = this.#picked;
    return this.#seen?.version === version && this.#seen.total === total &&
      start.length + fail.length === 0 && (wakeAt === null || now < wakeAt);
  }
}

function isPlainOne({ asking, visitors, hold, dependencies }: QueueSnapshot): boolean {
  return (asking?.size ?? 0) + (visitors?.size ?? 0) + dependencies.size === 0 && hold == null;
}
