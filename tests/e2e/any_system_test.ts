/**
 * Jobs as this system runs them, with nothing that only some systems have: no shell, no signals, no `/proc`. What CI
 * runs on Windows; here it runs a second time as it is put together there.
 */
import assert from "node:assert/strict";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";
import { AnySite, testKinds } from "../support/any_site.ts";

const processes = systemProcesses();

testKinds("a job's output arrives whole, and its exit code is told", async (kind) => {
  await using site = new AnySite({ kind });
  const prompt = 'ünïcödé 😀 "quoted" %PATH% $HOME\nand a second line';
  const done = await site.ended(await site.start(prompt, "done"));
  assert.deepEqual([done.status, done.result], ["done", `You said: ${prompt}`]);
  const failed = await site.ended(await site.start("exit 9", "failed"));
  assert.deepEqual([failed.status, failed.reason, failed.exit_code], ["error", "exit_code", 9]);
  assert.match(failed.error ?? "", /it would not do it/);
});

testKinds("a job goes on without its daemon, and the next one has its result", async (kind) => {
  await using site = new AnySite({ kind });
  const gate = `${site.root}/gate`;
  const id = await site.start(`wait ${gate}`, "killed");
  const [agent = 0] = await site.family(id);
  await site.killDaemon();
  assert.notEqual(processes.identify(agent), null);
  Deno.writeTextFileSync(gate, "");
  const job = await site.ended(id);
  assert.deepEqual([job.status, job.exit_code], ["done", 0]);
  assert.match(job.result ?? "", /You said: wait/);
});

testKinds("cancelling ends the agent and what it has started", async (kind) => {
  await using site = new AnySite({ kind });
  const id = await site.start(`wait ${site.root}/never`, "cancelled");
  const pids = await site.family(id);
  const identities = pids.map((pid) => processes.identify(pid));
  assert.ok(identities.every((identity) => identity !== null));
  await site.service.cancel({ job_id: id });
  assert.equal((await site.ended(id)).status, "cancelled");
  assert.deepEqual(identities.map((one) => one !== null && processes.isAlive(one)), [false, false]);
});
