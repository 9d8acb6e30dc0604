/** A turn is launched once, however often and late it is asked for: a second launch would take the files of the first. */
import assert from "node:assert/strict";
import type { Job } from "../../src/domain/job/job.ts";
import { Supervisor } from "../../src/scheduler/supervisor.ts";
import { KvJobStore } from "../../src/store/kv_job_store.ts";
import { eventually } from "../support/eventually.ts";
import { TalkingJobs } from "../support/talking_jobs.ts";

type Launch = Supervisor["launch"];
type Update = KvJobStore["update"];

type Instead = (launch: (job: Job) => Promise<void>, job: Job, supervisor: Supervisor) => Promise<void>;

/** Until it is disposed of, launches go through `instead`. */
function launching(instead: Instead): Disposable {
  const { launch } = Supervisor.prototype;
  Supervisor.prototype.launch = function (this: Supervisor, job): ReturnType<Launch> {
    return instead((each) => launch.call(this, each), job, this);
  };
  return { [Symbol.dispose]: () => void (Supervisor.prototype.launch = launch) };
}

/** Until it is disposed of, `then` is called after the commit that ends turn 1 and leaves its reply to a round. */
function afterFirstEnd(then: (store: KvJobStore, job: Job) => Promise<void>): Disposable {
  const { update } = KvJobStore.prototype;
  let isFirst = true;
  KvJobStore.prototype.update = async function (this: KvJobStore, ...args: Parameters<Update>) {
    const written = await update.apply(this, args);
    const { job } = written;
    if (isFirst && job.turn === 2 && job.state.status === "pending") {
      isFirst = false;
      await then(this, job);
    }
    return written;
  };
  return { [Symbol.dispose]: () => void (KvJobStore.prototype.update = update) };
}

/** Resolves when a round has begun the job's second turn. */
async function untilBegun(store: KvJobStore, { id }: Job): Promise<void> {
  await eventually(async () => {
    const job = await store.get(id);
    return job?.turn === 2 && job.state.status === "running";
  }, { what: "turn 2 to be begun by a round" });
}

/** A job that says one, and whose reply waits for that. @returns its id and what lets it go on */
async function withWaitingReply(jobs: TalkingJobs): Promise<{ id: string; release: () => void }> {
  const gate = `${jobs.harness.state.home}/gate`;
  const id = await jobs.run(`say one; wait ${gate}`);
  await jobs.hears(id, "one");
  await jobs.harness.reply(id, "ask q1 May I?; say two");
  return { id, release: () => Deno.writeTextFileSync(gate, "") };
}

async function answered(jobs: TalkingJobs, id: string) {
  await jobs.asked(id);
  await jobs.answer(id, "yes");
  const { status, result, turn } = await jobs.ended(id);
  return { status, result, turn };
}

Deno.test("launch: what a round has begun while a turn ended is launched by that round alone", async () => {
  const launched: number[] = [];
  using _launching = launching((launch, job) => (launched.push(job.turn), launch(job)));
  using _held = afterFirstEnd(untilBegun);
  await using jobs = await TalkingJobs.start();
  const { id, release } = await withWaitingReply(jobs);
  release();
  assert.deepEqual(await answered(jobs, id), { status: "done", result: "two", turn: 2 });
  assert.deepEqual(launched, [1, 2]);
});

Deno.test("launch: an end that is committed again, after its commit was not told, does not disturb what follows it", async () => {
  const launched: number[] = [];
  using _launching = launching((launch, job) => launch(job).finally(() => launched.push(job.turn)));
  using _failing = afterFirstEnd(async (store, job) => {
    await untilBegun(store, job);
    throw new TypeError("disk I/O error");
  });
  await using jobs = await TalkingJobs.start();
  const { id, release } = await withWaitingReply(jobs);
  release();
  await jobs.asked(id);
  await eventually(() => launched.length > 2, { what: "the second launch of turn 2" });
  assert.deepEqual(launched, [1, 2, 2]);
  assert.deepEqual(await answered(jobs, id), { status: "done", result: "two", turn: 2 });
});

Deno.test("launch: two of one turn at once are one", async () => {
  using _launching = launching(async (launch, job) => {
    await Promise.all([launch(job), launch(job)]);
  });
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("say one; ask q1 May I?; say two");
  assert.deepEqual(await answered(jobs, id), { status: "done", result: "two", turn: 1 });
  const begun = (await jobs.events(id)).filter(({ message }) => message === "turn 1: Talking");
  assert.equal(begun.length, 1);
});

Deno.test("launch: one that comes when the turn has ended begins nothing", async () => {
  const late: { again: () => Promise<void>; isWatched: () => boolean }[] = [];
  using _launching = launching((launch, job, supervisor) => {
    late.push({ again: () => launch(job), isWatched: () => supervisor.run(job.id) !== null });
    return launch(job);
  });
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("say one; say two");
  await jobs.ended(id);
  const before = await jobs.events(id);
  for (const { again, isWatched } of late) {
    await eventually(() => !isWatched(), { what: "the end of its watch" });
    await again();
    assert.equal(isWatched(), false);
  }
  assert.equal((await jobs.service.poll({ job_id: id })).status, "done");
  assert.deepEqual(await jobs.events(id), before);
});
