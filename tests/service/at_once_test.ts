/** Starts that nothing holds back: accepted and launched in one commit, and never more of them than there are slots. */
import assert from "node:assert/strict";
import { LocalHarness } from "../support/local_harness.ts";

/** Counts the commits of the store, and has each wait for `until`. */
function watchCommits(until: () => Promise<void> = () => Promise.resolve()): Disposable & { count: number } {
  const { commit } = Deno.AtomicOperation.prototype;
  const watched = {
    count: 0,
    [Symbol.dispose]: () => void (Deno.AtomicOperation.prototype.commit = commit),
  };
  Deno.AtomicOperation.prototype.commit = async function () {
    watched.count++;
    await until();
    return await commit.call(this);
  };
  return watched;
}

Deno.test("a start with a free slot is answered as running after one commit, and both states are told", async () => {
  await using harness = await LocalHarness.start();
  const { cursor } = await harness.service.feed({});
  using commits = watchCommits();
  const { job_id, status } = await harness.run("hang");
  assert.deepEqual([status, commits.count], ["running", 1]);
  const { notifications } = await harness.service.feed({ cursor });
  assert.deepEqual(notifications.map((told) => told.status), ["pending", "running"]);
  await harness.service.cancel({ job_id });
});

Deno.test("starts that are accepted at the same time take no more slots than there are", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 2 } });
  const gate = Promise.withResolvers<void>();
  using _commits = watchCommits(() => gate.promise);
  const cwd = () => harness.state.workspace(crypto.randomUUID().slice(0, 8));
  const starts = Array.from({ length: 5 }, () => harness.run("hang", { cwd: cwd() }));
  setTimeout(gate.resolve, 100);
  const receipts = await Promise.all(starts);
  const statuses = receipts.map(({ status }) => status).toSorted();
  assert.deepEqual(statuses, ["pending", "pending", "pending", "running", "running"]);
  for (const { job_id } of receipts) await harness.service.cancel({ job_id });
});

Deno.test("a start that could begin does not wait with those that wait for something else", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 2 } });
  const cwd = harness.state.workspace("one");
  const writer = await harness.run("hang", { cwd, approval_policy: "full-auto" });
  const waiting = await harness.run("say x", { cwd, approval_policy: "full-auto" });
  assert.equal(waiting.status, "pending");
  using commits = watchCommits();
  const other = await harness.run("hang", { cwd: harness.state.workspace("other") });
  assert.deepEqual([other.status, commits.count], ["running", 1]);
  const late = await harness.run("hang", { cwd: harness.state.workspace("late") });
  assert.deepEqual([late.status, late.position], ["pending", 2], "behind the one that waits longer");
  for (const { job_id } of [late, other, waiting, writer]) await harness.service.cancel({ job_id });
});
