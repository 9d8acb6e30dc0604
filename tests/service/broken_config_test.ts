/** A daemon that begins with a configuration that cannot be used shows, ends and finishes what is there; it starts nothing. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";

const WAITER = {
  command: "sh",
  args: ["-c", "cat >/dev/null; while [ ! -e go ]; do sleep 0.02; done; echo went"],
};

for (const broken of ["{ nonsense", '{ "later_key": true }', '{ "limits": { "total": "many" } }']) {
  Deno.test(`jobs are listed, waited for and cancelled with ${broken} in config.json`, async () => {
    await using harness = await LocalHarness.start({ limits: { total: 1 }, agents: { waiter: WAITER } });
    const { job_id: running } = await harness.run("anything", { agent: "waiter" });
    const { job_id: waiting } = await harness.run("say late");
    const path = `${harness.state.home}/config.json`;
    await harness.restart(() => Deno.writeTextFileSync(path, broken));
    const { jobs } = await harness.service.list({});
    assert.deepEqual(jobs.map(({ job_id, status }) => [job_id, status]), [[waiting, "pending"], [
      running,
      "running",
    ]]);
    const queue = await harness.service.queue({ origin: { env: harness.state.env, session: "looks" } });
    assert.deepEqual([queue.running.length, queue.pending_count, queue.limits], [1, 1, {
      total: 1,
      depth: 3,
    }]);
    await assert.rejects(harness.run("say new"), { code: "config_invalid", message: /config\.json/ });
    assert.equal((await harness.service.cancel({ job_id: waiting })).status, "cancelled");
    Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
    const ended = await harness.ended(running);
    assert.deepEqual(
      [ended.status, ended.result],
      ["done", "went"],
      "its agent is known from the last good file",
    );
  });
}

Deno.test("without a last good file what waits is held until config.json is corrected", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 1 } });
  const { job_id: first } = await harness.run("wait go");
  const { job_id } = await harness.run("say late");
  const { home, cwd } = harness.state;
  await harness.restart(() => {
    Deno.writeTextFileSync(`${home}/config.json`, "{ nonsense");
    Deno.removeSync(`${home}/config.last.json`);
  });
  Deno.writeTextFileSync(`${cwd}/go`, "");
  await harness.ended(first);
  await eventually(
    async () =>
      /config\.json to be corrected/.test((await harness.service.poll({ job_id })).waiting_for ?? ""),
    { what: "the held job's reason" },
  );
  Deno.writeTextFileSync(`${home}/config.json`, "{}");
  assert.equal((await harness.ended(job_id)).result, "late");
});
