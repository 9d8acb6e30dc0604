/**
 * The store against a naive model: random operations, every filter, exact lists and totals.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Job } from "../../src/domain/job/job.ts";
import { isFinished, JobStatus } from "../../src/domain/job/reason.ts";
import { transition } from "../../src/domain/job/transition.ts";
import type { ListFilter } from "../../src/store/job_store.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { cancel, end, fail, launch, reply } from "./job_steps.ts";
import { memoryStore, NOW } from "./test_store.ts";

const AGENTS = ["codex", "gemini", "claude"];
const DIRECTORIES = ["/tmp/a", "/tmp/b", `/tmp/${"long".repeat(1_000)}`];

/** mulberry32: the same seed gives the same test. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What could be done with the job now. */
function stepsOf(job: Job): ((job: Job) => Job)[] {
  switch (job.state.status) {
    case "pending":
      return [launch];
    case "running":
      return [end, fail, cancel];
    case "done":
    case "error":
    case "cancelled":
      return [
        reply,
        (old) => transition(old, { type: "summarize", summary: `${old.turn}` }),
        (old) =>
          transition(old, { type: "hand_over", agent: old.agent === "codex" ? "claude" : "codex", at: NOW }),
      ];
  }
}

function naiveList(model: ReadonlyMap<string, Job>, filter: ListFilter): { jobs: Job[]; total: number } {
  const matching = [...model.values()].filter((job) =>
    (filter.status ?? job.state.status) === job.state.status && (filter.agent ?? job.agent) === job.agent &&
    (filter.cwd ?? job.cwd) === job.cwd
  );
  matching.sort((a, b) => b.number - a.number);
  return { jobs: matching.slice(0, filter.limit), total: matching.length };
}

for (const seed of [1, 2, 3]) {
  Deno.test(`after random operations each filter gives what a naive model gives, seed ${seed}`, async () => {
    await using store = await memoryStore();
    const below = seeded(seed);
    const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)]!;
    const model = new Map<string, Job>();
    const removed = new Set<string>();
    for (let step = 1; step <= 400; step += 1) {
      const some = [...model.values()];
      const dice = below(10);
      if (dice < 4 || some.length === 0) {
        const parent = some.length > 0 && below(3) === 0 ? pick(some).id : null;
        const wanted = newJob({ id: jobId(step), agent: pick(AGENTS), cwd: pick(DIRECTORIES), parent });
        model.set(wanted.id, (await store.create(wanted)).job);
      } else if (dice < 9) {
        const job = pick(some);
        const { job: after } = await store.update(job.id, pick(stepsOf(job)));
        model.set(job.id, after);
      } else {
        const ids = [pick(some).id, pick(some).id];
        const expected = [...new Set(ids)].filter((id) =>
          isFinished(model.get(id)?.state.status ?? "pending")
        );
        assert.deepEqual(await store.remove(ids), expected);
        for (const id of expected) {
          model.delete(id);
          removed.add(id);
        }
      }
    }
    for (const status of [undefined, ...JobStatus.options]) {
      for (const agent of [undefined, ...AGENTS]) {
        for (const cwd of [undefined, ...DIRECTORIES]) {
          const filter = { limit: 1 + below(15), status, agent, cwd };
          assert.deepEqual(await store.list(filter), naiveList(model, filter));
        }
      }
    }
    for (const job of model.values()) {
      const children = [...model.values()].filter((child) => child.parent === job.id);
      assert.deepEqual(await store.childrenOf(job.id), children.sort((a, b) => a.number - b.number));
    }
    const { entries } = await store.feed(0, { limit: 10_000 });
    assert.ok(removed.size > 0);
    assert.deepEqual(new Set(entries.map((entry) => entry.job_id)), new Set(model.keys()));
    for (const entry of entries) {
      if (entry === entries.findLast(({ job_id }) => job_id === entry.job_id)) {
        assert.equal(entry.status, model.get(entry.job_id)?.state.status);
      }
    }
  });
}
