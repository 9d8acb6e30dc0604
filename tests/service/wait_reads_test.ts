/**
 * A wait for many jobs looks at each when it begins and when it may have something to say. In between, memory tells it
 * that there is nothing, however often one of the jobs changes.
 */
import assert from "node:assert/strict";
import { transition } from "../../src/domain/job/transition.ts";
import type { WaitRequest } from "../../src/service/read_requests.ts";
import { eventually } from "../support/eventually.ts";
import { AskingService, MAY_IT_RUN } from "../support/asking_service.ts";

/** How often the records of jobs are read, by their ids. */
function countingReads({ store }: AskingService): Map<string, number> {
  const reads = new Map<string, number>();
  const { get } = store;
  store.get = (id) => {
    reads.set(id, (reads.get(id) ?? 0) + 1);
    return get.call(store, id);
  };
  return reads;
}

async function withJobs(count: number) {
  const stage = await AskingService.open();
  const ids = [];
  for (let nth = 0; nth < count; nth++) ids.push(await stage.running());
  const reads = countingReads(stage);
  const given = new AbortController();
  const { signal } = given;
  return {
    stage,
    ids,
    reads,
    wait: (request: WaitRequest) => stage.service.wait({ timeout_seconds: 100, ...request }, { signal }),
    async [Symbol.asyncDispose]() {
      // A test that has failed waits no longer.
      given.abort();
      await stage[Symbol.asyncDispose]();
    },
  };
}

/** A wait that has looked at its jobs for the first time. */
async function begun(
  wait: Promise<unknown>,
  reads: Map<string, number>,
  ids: readonly string[],
): Promise<void> {
  let isOver = false;
  wait.then(() => isOver = true, () => isOver = true);
  await eventually(() => ids.every((id) => reads.has(id)), { what: "the first look" });
  assert.equal(isOver, false, "the wait is over already");
}

Deno.test("wait: for all of many jobs, an end of one does not read the others", async () => {
  await using set = await withJobs(20);
  const { stage, ids, reads } = set;
  const wait = set.wait({ job_ids: ids, mode: "all" });
  await begun(wait, reads, ids);
  const last = ids.at(-1) ?? "";
  for (const id of ids.slice(0, -1)) await stage.end(id);
  assert.equal(reads.get(last), 1);
  await stage.end(last);
  const { timed_out, jobs } = await wait;
  assert.deepEqual([timed_out, jobs.length], [false, 20]);
});

Deno.test("wait: for any of many jobs, a change of one that is no end reads none", async () => {
  await using set = await withJobs(20);
  const { stage, ids, reads } = set;
  const wait = set.wait({ job_ids: ids, mode: "any" });
  await begun(wait, reads, ids);
  const [first = "", second = ""] = ids;
  for (let nth = 0; nth < 20; nth++) {
    await stage.store.update(first, (job) => transition(job, { type: "summarize", summary: `part ${nth}` }));
    await stage.scheduler.reconcile();
  }
  assert.equal(reads.get(second), 1);
  await stage.end(second);
  const { timed_out, jobs } = await wait;
  assert.deepEqual([timed_out, jobs.map(({ job_id }) => job_id)], [false, [second]]);
});

for (const mode of ["any", "all"] as const) {
  Deno.test(`wait: a question of one of many jobs ends a wait with mode ${mode} all the same`, async () => {
    await using set = await withJobs(5);
    const { stage, ids, reads } = set;
    const wait = set.wait({ job_ids: ids, mode, as: "assistant" });
    await begun(wait, reads, ids);
    await stage.ask(ids[2] ?? "", MAY_IT_RUN);
    const { timed_out, asking } = await wait;
    assert.deepEqual([timed_out, asking?.map(({ job_id }) => job_id)], [false, [ids[2]]]);
  });
}

Deno.test("wait: when its time is over it reads them, whatever memory says", async () => {
  await using set = await withJobs(3);
  const { stage, ids } = set;
  const { timed_out, unfinished } = await stage.service.wait({
    job_ids: ids,
    mode: "all",
    timeout_seconds: 0,
  });
  assert.deepEqual([timed_out, unfinished.length], [true, 3]);
});
