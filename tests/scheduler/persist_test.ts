/** A running job that cannot be watched for a while is not forgotten. */
import assert from "node:assert/strict";
import { LocalHarness } from "../support/local_harness.ts";

Deno.test("a job whose files cannot be read is watched again when they can", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("say before\nwait go\nsay after");
  await harness.service.events({ job_id, cursor: 2, wait_seconds: 10 });
  const events = `${harness.state.home}/jobs/${job_id}/events.jsonl`;
  await harness.restart(() => {
    Deno.renameSync(events, `${events}.aside`);
    Deno.mkdirSync(events);
  });
  const blind = await harness.service.poll({ job_id }).catch(() => null);
  assert.notEqual(blind?.status, "error");
  Deno.removeSync(events);
  Deno.renameSync(`${events}.aside`, events);
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  const job = await harness.ended(job_id);
  assert.deepEqual({ status: job.status, result: job.result }, { status: "done", result: "after" });
});
