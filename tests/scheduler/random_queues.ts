/**
 * Test support: random queues, small enough that jobs often meet: in a tree, under a limit, before one another.
 *
 * @module
 */
import fc from "fast-check";
import type { Job, JobOf } from "../../src/domain/job/job.ts";
import type { QueueSnapshot } from "../../src/scheduler/queue/reason.ts";
import { jobId, newJob } from "../support/new_job.ts";

const NOW = 1_767_225_600_000;

/** Jobs `1` to this; what some name may be no job of the queue. */
const MOST = 12;

const anyId = fc.integer({ min: 1, max: MOST + 2 }).map(jobId);

const tree = fc.record({
  kind: fc.constantFrom("git" as const, "plain" as const),
  root: fc.constantFrom("/work", "/work/a", "/work/a/b", "/other"),
});

const facts = fc.record({
  tree,
  priority: fc.constantFrom(0, 0, 0, 1, -1),
  agent: fc.constantFrom("codex", "gemini"),
  approval_policy: fc.constantFrom<Job["approval_policy"]>("suggest", "auto-edit", "full-auto"),
  isolation: fc.constantFrom(undefined, undefined, "worktree" as const),
  after: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, fc.array(anyId, { maxLength: 2 })),
  parent: fc.option(anyId, { freq: 2 }),
  notBefore: fc.oneof(
    { weight: 6, arbitrary: fc.constant(null) },
    fc.constantFrom(NOW - 1, NOW, NOW + 1_000),
  ),
  runs: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
  hasVisitor: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  asks: fc.boolean(),
  /** The jobs are shuffled by it. */
  rank: fc.nat(),
});

const dependencies = fc.dictionary(
  anyId,
  fc.constantFrom("done" as const, "done" as const, "running" as const, "error" as const),
);

export interface RandomQueue extends Omit<QueueSnapshot, "pending"> {
  /** In any order. */
  pending: JobOf<"pending">[];
}

export const randomQueues: fc.Arbitrary<RandomQueue> = fc.record({
  jobs: fc.array(facts, { maxLength: MOST }),
  dependencies,
  hold: fc.constantFrom(null, null, null, { waitingFor: "a larger budget", until: NOW + 5_000 }),
}).map(({ jobs, dependencies, hold }) => {
  const [pending, running]: [{ rank: number; job: JobOf<"pending"> }[], Job[]] = [[], []];
  const [asking, visitors] = [new Set<string>(), new Map<string, number>()];
  for (const [index, { notBefore, runs, hasVisitor, asks, isolation, rank, ...rest }] of jobs.entries()) {
    const id = jobId(index + 1);
    const isolated = isolation === undefined ? {} : { isolation };
    // People may be in a session that an earlier turn has begun.
    const turns = hasVisitor ? 2 : 1;
    const job = { ...newJob({ id, ...rest, ...isolated, last_turn: turns }), number: index + 1 };
    if (runs) running.push({ ...job, state: { status: "running", since: NOW, stop: null } });
    else {pending.push({
        rank,
        job: { ...job, state: { status: "pending", since: NOW, not_before: notBefore } },
      });}
    if (runs && asks) asking.add(id);
    if (!runs && hasVisitor) visitors.set(id, 4_000 + index);
  }
  const shuffled = pending.toSorted((a, b) => a.rank - b.rank).map(({ job }) => job);
  const known = new Map(Object.entries(dependencies));
  return { pending: shuffled, running, asking, visitors, dependencies: known, hold, now: NOW };
});
