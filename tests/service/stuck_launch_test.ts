/** Turns that can be neither begun nor watched, for as long as what keeps them from it lasts: they end all the same. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { fullFor } from "../support/full_disk.ts";
import type { TurnWrapper } from "../../src/kernel/wrapper/turn_wrapper.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { shellWrapper } from "../support/wrappers.ts";

/** What is written before an agent is launched. */
const FIRST_WORDS = "turn 1: Codex CLI";

Deno.test("a turn that cannot be begun lasts no longer than its time limit, and the next job gets its slot", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 1 } });
  const { job_id: next } = await (async () => {
    using disk = fullFor(FIRST_WORDS, Infinity);
    const { job_id } = await harness.run("say x", { timeout_seconds: 2 });
    const job = await harness.ended(job_id);
    assert.deepEqual([job.status, job.reason], ["error", "spawn_failed"]);
    assert.match(
      String(job.error),
      /^The turn could be neither begun nor watched for 2 s: .*the disk is full/,
    );
    assert.ok(disk.refusals > 1, "it was tried once");
    return await harness.run("say y", { timeout_seconds: 600 });
  })();
  assert.equal((await harness.ended(next)).result, "y");
});

Deno.test("a turn that cannot be begun yet is begun when it can be", async () => {
  await using harness = await LocalHarness.start();
  using disk = fullFor(FIRST_WORDS, 2);
  const { job_id } = await harness.run("say x");
  assert.equal((await harness.ended(job_id)).result, "x");
  assert.equal(disk.refusals, 2);
});

Deno.test("a turn that cannot be begun can be cancelled", async () => {
  await using harness = await LocalHarness.start();
  using disk = fullFor(FIRST_WORDS, Infinity);
  const { job_id } = await harness.run("say x");
  await eventually(() => disk.refusals > 0, { what: "a try" });
  const { status } = await harness.service.cancel({ job_id });
  assert.equal(status, "cancelled");
});

/** Its wrappers begin a while after they were started, as on a busy machine, and cannot be seen before. */
function lateWrapper(ms: number): TurnWrapper {
  return {
    start(options) {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      setTimeout(() => resolve(shellWrapper.start(options).status), ms);
      return { status: promise };
    },
    isHeld: (file) => shellWrapper.isHeld(file),
  };
}

Deno.test("a turn that is cancelled before its wrapper can be seen is ended when it can", async () => {
  await using harness = await LocalHarness.start({}, { wrapper: lateWrapper(500) });
  const { job_id } = await harness.run("say begun\nignore TERM\nwait never");
  await eventually(async () => {
    const { events } = await harness.service.events({ job_id });
    return events.some((event) => event.type === "status" && event.state === "running");
  }, { what: "the launch" });
  const { status } = await harness.service.cancel({ job_id });
  assert.equal(status, "cancelled");
});
