/** An agent that prints nothing but short lines, each of which is an event. */
import assert from "node:assert/strict";
import { LocalHarness } from "../support/local_harness.ts";

/** Ms that one answer may take meanwhile; it was 10,000 and more once. */
const ANSWER_MS = 2_500;

/** Or so much of all the time that the lines take, on a busy machine: then it was nearly all of it. */
const ANSWER_SHARE = 1 / 4;

Deno.test("300,000 short lines hold up nobody else", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("lines 300000\nsay x");
  let slowestMs = 0;
  const flooded = performance.now();
  const ended = harness.ended(job_id);
  let isOver = false;
  void ended.finally(() => isOver = true);
  while (!isOver) {
    const begun = performance.now();
    await harness.service.list({});
    slowestMs = Math.max(slowestMs, performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert.equal((await ended).result, "x");
  const allowedMs = Math.max(ANSWER_MS, (performance.now() - flooded) * ANSWER_SHARE);
  assert.ok(slowestMs < allowedMs, `an answer took ${slowestMs} ms`);
});
