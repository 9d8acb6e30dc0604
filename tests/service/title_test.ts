/** A job's title: given at the start, kept through its turns and a rebuilt store, shown wherever the job is. */
import assert from "node:assert/strict";
import { LocalHarness } from "../support/local_harness.ts";

Deno.test("a job's title is in its result and its briefs, and stays with a reply and a rebuilt store", async () => {
  await using harness = await LocalHarness.start();
  const title = "Why the build fails";
  const { job_id } = await harness.run("say one", { title });
  assert.equal((await harness.ended(job_id)).title, title);
  await harness.reply(job_id, "say two");
  assert.equal((await harness.ended(job_id)).title, title);
  await harness.restart(() => {
    for (const { name } of Deno.readDirSync(harness.state.home)) {
      if (name.startsWith("queue.")) Deno.removeSync(`${harness.state.home}/${name}`);
    }
  });
  const { jobs: [brief] } = await harness.service.list({});
  assert.equal(brief?.title, title);
  const untitled = await harness.ended((await harness.run("say three")).job_id);
  assert.ok(!("title" in untitled));
});

Deno.test("a title that says nothing, or is no title, is refused by name", async () => {
  await using harness = await LocalHarness.start();
  for (const title of [" ", "x".repeat(101)]) {
    await assert.rejects(harness.run("say one", { title }), { code: "invalid_argument", message: /^title/ });
  }
});
