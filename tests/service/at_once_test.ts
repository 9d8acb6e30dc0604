/** Starts that nothing holds back: accepted and launched in one commit, and never more of them than there are slots. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";

/** Counts the commits of the store, and has each wait for `until`, which is told its number from 0 on. */
function watchCommits(until?: (nth: number) => Promise<void> | undefined): Disposable & { count: number } {
  const { commit } = Deno.AtomicOperation.prototype;
  const watched = {
    count: 0,
    [Symbol.dispose]: () => void (Deno.AtomicOperation.prototype.commit = commit),
  };
  Deno.AtomicOperation.prototype.commit = async function () {
    const nth = watched.count++;
    await until?.(nth);
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

Deno.test("a launch is prepared while its commit is under way, and written down after it", async () => {
  await using harness = await LocalHarness.start();
  const gate = Promise.withResolvers<void>();
  using _commits = watchCommits(() => gate.promise);
  using looks = watchLooks(harness.state.cwd);
  const start = harness.run("say accepted");
  await eventually(() => looks.count === 2, { what: "the look of the check, and that of the preparation" });
  const [id] = names(harness);
  const turn = `${harness.state.home}/jobs/${id}/turns/1`;
  const written = [...Deno.readDirSync(turn)].map(({ name }) => name).toSorted();
  assert.deepEqual(written, ["prompt.md", "turn.json"]);
  Deno.writeTextFileSync(`${turn}/prompt.md`, "say other");
  gate.resolve();
  const { job_id } = await start;
  assert.equal((await harness.ended(job_id)).result, "accepted");
});

Deno.test("a start that is refused leaves nothing, and waits for no preparation that hangs", async () => {
  await using harness = await LocalHarness.start();
  using _commits = watchCommits(() => Promise.reject(new RangeError("refused")));
  using _looks = watchLooks(harness.state.cwd, (nth) => nth === 0 ? undefined : new Promise(() => {}));
  await assert.rejects(harness.run("say x"), /refused/);
  assert.deepEqual(names(harness), []);
});

/** Counts the resolutions of a directory's path, and has each wait for `until`, which is told its number from 0 on. */
function watchLooks(
  cwd: string,
  until?: (nth: number) => Promise<void> | undefined,
): Disposable & { count: number } {
  const { realPath } = Deno;
  const watched = { count: 0, [Symbol.dispose]: () => void (Deno.realPath = realPath) };
  Deno.realPath = async (path) => {
    if (path === cwd) {
      const nth = watched.count++;
      await until?.(nth);
    }
    return await realPath(path);
  };
  return watched;
}

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
  await eventually(async () => {
    using commits = watchCommits();
    const other = await harness.run("hang", { cwd: harness.state.workspace("other") });
    const { count } = commits;
    assert.equal(other.status, "running");
    const late = await harness.run("hang", { cwd: harness.state.workspace("late") });
    assert.deepEqual([late.status, late.position], ["pending", 2], "behind the one that waits longer");
    for (const { job_id } of [late, other]) await harness.service.cancel({ job_id });
    // More of them where something has changed that no round has seen yet.
    return count === 1;
  }, { what: "a start in one commit" });
  for (const { job_id } of [waiting, writer]) await harness.service.cancel({ job_id });
});

Deno.test("who waited for a start that was refused after all is started", async () => {
  await using harness = await LocalHarness.start();
  const outer = harness.state.workspace("outer");
  for (const name of ["a", "b"]) Deno.mkdirSync(`${outer}/${name}`);
  const full = { approval_policy: "full-auto" } as const;
  const first = await harness.run("wait go", { ...full, cwd: `${outer}/a` });
  const waiting = await harness.run("say done", { ...full, cwd: outer });
  const waitsFor = async (name: string) => {
    const { waiting_for = "" } = await harness.service.poll({ job_id: waiting.job_id });
    return waiting_for.endsWith(`/${name}`);
  };
  assert.equal(await waitsFor("a"), true);
  const [end, start] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  using commits = watchCommits((nth) => [end, start][nth]?.promise);
  Deno.writeTextFileSync(`${outer}/a/go`, "");
  await eventually(() => commits.count === 1, { what: "the end of the first" });
  const refused = assert.rejects(harness.run("hang", { ...full, cwd: `${outer}/b` }), { code: "disk_fault" });
  await eventually(() => names(harness).length === 3, { what: "the start to be written down" });
  end.resolve();
  await eventually(async () => commits.count === 2 && await waitsFor("b"), {
    what: "the wait for the start",
  });
  start.reject(new TypeError("disk I/O error"));
  await refused;
  assert.equal((await harness.ended(waiting.job_id)).result, "done");
  assert.equal((await harness.ended(first.job_id)).status, "done");
});

function names(harness: LocalHarness): string[] {
  return [...Deno.readDirSync(`${harness.state.home}/jobs`)].map(({ name }) => name);
}
