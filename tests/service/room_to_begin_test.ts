/** Accepted turns for which there is no room: they are begun when there is. */
import assert from "node:assert/strict";
import { statfsSync } from "node:fs";
import type { TurnWrapper } from "../../src/kernel/wrapper/turn_wrapper.ts";
import { WRAPPER_REFUSED } from "../../src/kernel/wrapper/turn_wrapper.ts";
import { eventually } from "../support/eventually.ts";
import { fullFor } from "../support/full_disk.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { NOT_ROOT, testUnless } from "../support/skippable.ts";
import { CANNOT_MOUNT, mountSmallDisk } from "../support/small_disk.ts";

testUnless(
  CANNOT_MOUNT,
  "without free inodes an accepted turn says what it waits for, and is begun when there are",
  async () => {
    await using harness = await LocalHarness.start({ limits: { total: 1 } });
    const jobs = `${harness.state.home}/jobs`;
    using _disk = mountSmallDisk(jobs, "4m,nr_inodes=120");
    const first = await harness.run("say up\nwait go\nsay first");
    const second = await harness.run("say second");
    const isUp = async () => (await harness.service.poll({ job_id: first.job_id })).output.includes("up");
    await eventually(isUp, { what: "the first turn to run" });
    // Enough for the end of the first turn, and too few for the begin of another.
    for (let n = 0; statfsSync(jobs).ffree > 7; n += 1) Deno.writeTextFileSync(`${jobs}/.filler${n}`, "");
    Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
    const ended = await harness.ended(first.job_id);
    assert.equal(ended.result, "first", JSON.stringify(ended));
    const waiting = await eventually(async () => {
      const job = await harness.service.poll({ job_id: second.job_id });
      return job.waiting_for !== undefined && job.status === "running" && job;
    }, { what: "the second job to say what it waits for" });
    assert.equal(waiting.waiting_for, "the system: the disk is full (ENOSPC)");
    for (const { name } of Deno.readDirSync(jobs)) {
      if (name.startsWith(".filler")) {
        Deno.removeSync(`${jobs}/${name}`);
      }
    }
    const job = await harness.ended(second.job_id);
    assert.deepEqual([job.status, job.result, job.waiting_for], ["done", "second", undefined]);
  },
);

/** Refuses so many turns, as where it cannot make its files, before `wrapper` gets them. */
function refusing(wrapper: TurnWrapper, times: number): TurnWrapper & { refusals: number } {
  return {
    refusals: 0,
    start(options) {
      if (this.refusals === times) return wrapper.start(options);
      this.refusals += 1;
      Deno.writeTextFileSync(`${options.turn.path}/claim`, "");
      return { status: Promise.resolve({ code: WRAPPER_REFUSED }) };
    },
    isHeld: (aliveFile) => wrapper.isHeld(aliveFile),
  };
}

Deno.test("a turn that its wrapper refused is begun again", async () => {
  await using plain = await LocalHarness.start();
  const wrapper = refusing(plain.wrapper, 2);
  await using harness = await LocalHarness.start({}, { wrapper });
  const { job_id } = await harness.run("say x");
  assert.equal((await harness.ended(job_id)).result, "x");
  assert.equal(wrapper.refusals, 2);
});

Deno.test("a turn that every wrapper refuses ends after some tries, and can be cancelled before", async () => {
  await using plain = await LocalHarness.start();
  const wrapper = refusing(plain.wrapper, Infinity);
  await using harness = await LocalHarness.start({}, { wrapper });
  const { job_id } = await harness.run("say x");
  await eventually(() => wrapper.refusals > 1, { what: "a second try" });
  assert.equal((await harness.service.cancel({ job_id })).status, "cancelled");
  const other = await harness.run("say y");
  const job = await harness.ended(other.job_id);
  assert.deepEqual([job.status, job.reason], ["error", "spawn_failed"]);
  assert.match(String(job.error), /The process that runs the agent did not start/);
});

testUnless(
  NOT_ROOT,
  "a turn whose scratch directory is another user's is begun with one of its own",
  async () => {
    await using harness = await LocalHarness.start({ limits: { total: 1 } });
    await harness.run("wait go");
    const { job_id } = await harness.run("say x");
    const scratch = `${harness.state.home}/jobs/${job_id}/turns/1/scratch`;
    await harness.restart(() => {
      Deno.mkdirSync(scratch, { recursive: true, mode: 0o700 });
      Deno.chownSync(scratch, 12345, null);
    });
    Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
    assert.equal((await harness.ended(job_id)).result, "x");
    assert.equal(Deno.statSync(scratch).uid, Deno.uid());
  },
);

Deno.test("an adopted turn that cannot be begun tells why, and not that its own log is closed", async () => {
  await using harness = await LocalHarness.start();
  using _disk = fullFor("turn 1: Codex CLI", Infinity);
  const { job_id } = await harness.run("say x");
  const waits = async () => (await harness.service.poll({ job_id })).waiting_for;
  await eventually(async () => await waits() !== undefined, { what: "the first failure" });
  await harness.restart();
  const seen = new Set<string>();
  await eventually(async () => seen.add(await waits() ?? "").size > 0 && !seen.has("") || seen.size > 1, {
    what: "a failure of the next daemon",
  });
  assert.deepEqual([...seen].filter((text) => text !== ""), ["the system: the disk is full (ENOSPC)"]);
});
