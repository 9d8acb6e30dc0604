/**
 * Room `scheduler`: new jobs that nothing holds back. They are accepted and launched in one commit, so that the disk is
 * synced once less before their agents begin. Rule of this file: as long as such a commit is under way, the slot and the
 * tree of its job are taken.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import { isJobIn, type Job } from "../../domain/job/job.ts";
import { transition } from "../../domain/job/transition.ts";
import type { NewJob } from "../../store/job_store.ts";
import type { Clock } from "../../system/clock.ts";
import type { Limits } from "../limits.ts";
import type { Spending } from "../money/spending.ts";
import { PendingJobs } from "./pending_jobs.ts";
import type { NewTurn } from "../turn/accepted_turn.ts";
import type { Preparations } from "../turn/preparations.ts";
import { pick } from "./pick.ts";
import type { Queue } from "./queue.ts";

export interface AtOnceOptions {
  clock: Clock;
  limits: () => Limits;
  queue: Pick<Queue, "isSettled" | "forget" | "jobs">;
  spending: Pick<Spending, "isOver">;
  preparations: Pick<Preparations, "begin" | "forget">;
  /** Launches and watches a job that is committed as running. */
  watch: (job: Job) => void;
  /** Runs a round. */
  reconcile: () => void;
}

/** Commits a new job; with `begin` as what that makes of it. */
type Commit<Accepted> = (begin: ((accepted: Job) => Job) | null) => Promise<Accepted>;

export class AtOnce {
  readonly #options: AtOnceOptions;
  readonly #underWay = new Map<JobId, Job>();

  constructor(options: AtOnceOptions) {
    this.#options = options;
  }

  /** The running jobs, with those that are accepted as such at the moment. */
  running(): Job[] {
    return [...this.#options.queue.jobs.running(), ...this.#underWay.values()];
  }

  /**
   * Has a new job committed, as a running one where nothing holds it back; then it is launched.
   *
   * @param asked what its first turn is asked
   */
  async accept<Accepted extends { job: Job; created: boolean }>(
    job: NewJob,
    asked: NewTurn,
    commit: Commit<Accepted>,
  ): Promise<Accepted> {
    const { clock, preparations, watch, queue, reconcile } = this.#options;
    const last = { ...job, number: Number.MAX_SAFE_INTEGER };
    if (!this.#mayStart(last)) return await commit(null);
    this.#underWay.set(job.id, last);
    const at = clock.now();
    const begin = (pending: Job) => transition(pending, { type: "launch", at });
    let isIn = false;
    const committed = commit(begin);
    preparations.begin(begin(last), asked);
    try {
      const accepted = await committed;
      isIn = accepted.created;
      if (isIn) watch(accepted.job);
      return accepted;
    } finally {
      this.#underWay.delete(job.id);
      if (!isIn) {
        preparations.forget(job.id);
        // A round may have let others wait for it.
        queue.forget();
        reconcile();
      }
    }
  }

  /** Nobody overtakes: while others wait that could start, a new job waits with them. */
  #mayStart(job: Job): boolean {
    const { clock, queue, spending } = this.#options;
    if (!isJobIn(job, "pending") || job.after.length > 0 || spending.isOver(job)) return false;
    const [limits, now] = [this.#options.limits(), clock.now()];
    if (!queue.isSettled(job.agent, limits, now)) return false;
    const snapshot = {
      pending: new PendingJobs([job]),
      running: this.running(),
      dependencies: new Map(),
      now,
    };
    return pick(snapshot, limits).start.length > 0;
  }
}
