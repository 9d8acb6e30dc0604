/**
 * Room `scheduler`: the pending jobs, with what a round needs to know of all of them. Rule of this file: it is found out
 * once, when a job begins or ceases to wait, and not in each round. Thousands may wait, and each job that ends brings a
 * round.
 *
 * @module
 */
import type { Job, JobOf } from "../../domain/job/job.ts";
import { inPrecedence } from "./precedence.ts";

export class PendingJobs {
  /** In precedence. */
  readonly inOrder: readonly JobOf<"pending">[];
  /**
   * For each of {@link inOrder} a number that it shares with those that are alike: where one of them waits in a round, so
   * do those behind it. `null` for a job that is like no other.
   */
  readonly kinds: readonly (number | null)[];
  /** Those that are to start at a certain time. */
  readonly timed: readonly JobOf<"pending">[];
  /** Those that wait for other jobs. */
  readonly dependent: readonly JobOf<"pending">[];
  /** Those with a session that people may be in: an earlier turn has begun it. */
  readonly continued: readonly JobOf<"pending">[];

  /** @param jobs in any order */
  constructor(jobs: readonly JobOf<"pending">[] = []) {
    this.inOrder = inPrecedence(jobs);
    const kinds = new Map<string, number>();
    this.kinds = this.inOrder.map((job) =>
      isPlain(job) ? kinds.getOrInsertComputed(likeness(job), () => kinds.size) : null
    );
    this.timed = this.inOrder.filter(({ state }) => state.not_before !== null);
    this.dependent = this.inOrder.filter(({ after }) => after.length > 0);
    this.continued = this.inOrder.filter(({ last_turn }) => last_turn > 1);
  }
}

/** Whether nothing holds a job back but what holds others back too: the slots, a tree, its agent's usage limit. */
function isPlain({ state, after, last_turn, parent }: JobOf<"pending">): boolean {
  return state.not_before === null && after.length === 0 && last_turn <= 1 && parent === null;
}

/** All of a plain job that `reasonToWait` goes by. */
function likeness({ agent, approval_policy, isolation, tree }: Job): string {
  return `${agent}\0${approval_policy}\0${isolation}\0${tree.kind}\0${tree.root}`;
}
