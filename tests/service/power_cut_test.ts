/**
 * A loss of power between an answer and the agent: what was accepted is on the disk before the answer, and nothing else is
 * ever run.
 */
import assert from "node:assert/strict";
import { JobDirectories } from "../../src/kernel/job_directories.ts";
import type { TurnDirectory } from "../../src/kernel/job_directories.ts";
import { openStore } from "../../src/store/database/open_store.ts";
import { systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import { LocalHarness } from "../support/local_harness.ts";

/** A harness with a job that runs and `prompt` accepted behind it, while nothing of it has begun. */
async function waiting(prompt: string) {
  const harness = await LocalHarness.start({ limits: { total: 1 } });
  const first = await harness.run("wait go\nsay first");
  const second = await harness.run(prompt);
  const directories = new JobDirectories(harness.state.home);
  const turn = directories.job(second.job_id).turn(1);
  const go = () => Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  return { harness, first, second, turn, directories, go };
}

/** What a power cut makes of files whose content was not synced. */
const UNSYNCED: Record<string, (turn: TurnDirectory) => void> = {
  "empty": ({ promptFile, requestFile }) => {
    for (const path of [promptFile, requestFile]) Deno.truncateSync(path);
  },
  "zeroes": ({ promptFile, requestFile }) => {
    for (const path of [promptFile, requestFile]) {
      Deno.writeFileSync(path, new Uint8Array(Deno.statSync(path).size));
    }
  },
  "gone": ({ path }) => Deno.removeSync(path.replace(/\/turns\/1$/, ""), { recursive: true }),
};

for (const [what, cut] of Object.entries(UNSYNCED)) {
  Deno.test(`a turn whose unsynced files are ${what} after a power cut is run as it was accepted`, async () => {
    const { harness, second, turn, go } = await waiting("say what was asked");
    await using _closing = harness;
    await harness.restart(() => cut(turn));
    go();
    assert.equal((await harness.ended(second.job_id)).result, "what was asked");
    assert.equal(Deno.readTextFileSync(turn.promptFile), "say what was asked");
  });
}

/** What nobody accepted. */
const OTHERS: Record<string, (turn: TurnDirectory) => void> = {
  "empty": ({ envFile }) => Deno.truncateSync(envFile),
  "zeroes": ({ envFile }) => Deno.writeFileSync(envFile, new Uint8Array(Deno.statSync(envFile).size)),
  "gone": ({ envFile }) => Deno.removeSync(envFile),
  "changed": ({ envFile }) =>
    Deno.writeTextFileSync(envFile, Deno.readTextFileSync(envFile).replace("say asked", "say other")),
};

for (const [what, change] of Object.entries(OTHERS)) {
  Deno.test(`a turn whose accepted file is ${what} is not run, and says so`, async () => {
    const { harness, first, second, turn, go } = await waiting("say asked");
    await using _closing = harness;
    await harness.restart(() => change(turn));
    go();
    const job = await harness.ended(second.job_id);
    assert.deepEqual([job.status, job.reason, job.result], ["error", "spawn_failed", null]);
    assert.match(
      String(job.error),
      /^Nothing was run: what this turn was asked is not there any more as it was acc/,
    );
    assert.match(String(job.hint), /loss of power/);
    assert.equal((await harness.ended(first.job_id)).result, "first");
  });
}

Deno.test("an answer comes after exactly two syncs: one file of the turn's, and the commit", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 1 } });
  await harness.run("wait go");
  const { sync, syncData, syncSync, syncDataSync } = Deno.FsFile.prototype;
  let syncs = 0;
  const counting = <Result>(sync: () => Result) =>
    function (this: Deno.FsFile): Result {
      syncs += 1;
      return sync.call(this);
    };
  Deno.FsFile.prototype.sync = counting(sync);
  Deno.FsFile.prototype.syncData = counting(syncData);
  Deno.FsFile.prototype.syncSync = counting(syncSync);
  Deno.FsFile.prototype.syncDataSync = counting(syncDataSync);
  try {
    const { job_id } = await harness.run("say x");
    assert.equal(syncs, 1, "and the commit's, which Deno.Kv makes");
    const text = Deno.readTextFileSync(`${harness.state.home}/environments/${job_id}.1`);
    const { prompt, request, env } = JSON.parse(text);
    assert.deepEqual([prompt, request.job_id, env.HOME], ["say x", job_id, harness.state.env.HOME]);
    const { job_id: replied } = await harness.reply(job_id, "say y");
    assert.deepEqual([replied, syncs], [job_id, 2]);
  } finally {
    Object.assign(Deno.FsFile.prototype, { sync, syncData, syncSync, syncDataSync });
  }
});

Deno.test("a turn of version 0.1.0, whose environment stands alone, is run unless its prompt is empty", async () => {
  for (const prompt of ["say old", "", "\0\0\0"]) {
    const { harness, second, turn, go } = await waiting("say old");
    await using _closing = harness;
    Deno.writeTextFileSync(turn.promptFile, prompt);
    await harness.restart(async () => {
      Deno.writeTextFileSync(turn.envFile, JSON.stringify(harness.state.env));
      const { store } = await openStore({
        path: `${harness.state.home}/queue.db`,
        clock: systemClock,
        log: silentLog,
        records: { ids: () => [], changedSince: () => [], read: () => null },
      });
      await store.update(second.job_id, ({ seals: _, ...job }) => job);
      await store[Symbol.asyncDispose]();
    });
    go();
    const job = await harness.ended(second.job_id);
    assert.deepEqual([job.status, job.result], prompt === "say old" ? ["done", "old"] : ["error", null]);
  }
});
