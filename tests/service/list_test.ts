/** Finding jobs: by status, agent, directory and the beginning of an id. */
import assert from "node:assert/strict";
import { LocalHarness } from "../support/local_harness.ts";

Deno.test("list filters, counts exactly and finds the beginning of an id", async () => {
  await using harness = await LocalHarness.start();
  const b = harness.state.workspace("b");
  const first = await harness.run("say one");
  await harness.ended(first.job_id);
  const second = await harness.run("exit 3", { cwd: `${b}/.//` });
  await harness.ended(second.job_id);
  const ids = async (filter: Parameters<typeof harness.service.list>[0]) => {
    const { jobs, total } = await harness.service.list(filter);
    return [total, ...jobs.map((job) => job.job_id)];
  };
  assert.deepEqual(await ids({}), [2, second.job_id, first.job_id]);
  assert.deepEqual(await ids({ limit: 1 }), [2, second.job_id]);
  assert.deepEqual(await ids({ status: "error" }), [1, second.job_id]);
  assert.deepEqual(await ids({ cwd: b, agent: "codex" }), [1, second.job_id]);
  assert.deepEqual(await ids({ cwd: `${harness.state.cwd}/../b/` }), [1, second.job_id]);
  await assert.rejects(ids({ cwd: "b" }), {
    code: "invalid_argument",
    message: /^cwd: must be an absolute path/,
  });
  assert.deepEqual(await ids({ agent: "gemini" }), [0]);
  assert.deepEqual(await ids({ id_prefix: first.job_id.slice(0, 7) }), [1, first.job_id]);
  assert.deepEqual(await ids({ id_prefix: first.job_id }), [1, first.job_id]);
});
