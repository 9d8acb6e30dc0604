/** A two-way agent that may write is launched at once, and gets its prompt when the snapshot before the turn stands. */
import assert from "node:assert/strict";
import { readJournal } from "../../src/kernel/channel/journal.ts";
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import { HeldGit } from "../support/held_git.ts";
import { makeRepository } from "../support/repository.ts";
import { pidIn, sendSignal } from "../support/signals.ts";
import { TalkingJobs } from "../support/talking_jobs.ts";

class HeldJobs implements AsyncDisposable {
  private constructor(readonly jobs: TalkingJobs, readonly git: HeldGit) {}

  /** Jobs in a repository whose snapshots are held. */
  static async start(): Promise<HeldJobs> {
    const jobs = await TalkingJobs.start();
    const { state } = jobs.harness;
    const path = state.env.PATH ?? "";
    const git = new HeldGit(state.workspace("held git"), path);
    await makeRepository(state.cwd);
    await jobs.harness.restart(() => {
      state.env.PATH = `${git.directory}:${path}`;
    });
    git.hold();
    return new HeldJobs(jobs, git);
  }

  /** Resolves when the agent has opened its session and waits for its prompt. */
  async opened(id: string): Promise<void> {
    const raw = this.jobs.file(id, "raw.jsonl");
    await eventually(() => Deno.readTextFileSync(raw).includes("session"), { what: "the agent's session" });
    await eventually(() => this.git.isReached, { what: "the snapshot" });
  }

  /** What the agent was told so far. */
  said(id: string): string {
    return Deno.readTextFileSync(this.jobs.file(id, "in.jsonl"));
  }

  kinds(id: string): string[] {
    return readJournal(this.jobs.file(id, "inputs.jsonl")).map(({ kind }) => kind)
      .filter((kind) => kind === "withheld" || kind === "prompt");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (exists(`${this.git.directory}/hold`)) this.git.release();
    await this.jobs[Symbol.asyncDispose]();
  }
}

Deno.test("a two-way agent is at work on its session while the snapshot is taken, and gets its prompt then", async () => {
  await using held = await HeldJobs.start();
  const { jobs, git } = held;
  const { cwd } = jobs.harness.state;
  const id = await jobs.run("write made.txt; say written");
  await held.opened(id);
  assert.doesNotMatch(held.said(id), /prompt/);
  assert.ok(!exists(jobs.file(id, "before.json")));
  git.release();
  const { status, files_changed } = await jobs.ended(id);
  assert.deepEqual([status, files_changed], ["done", [`${cwd}/made.txt`]]);
  assert.deepEqual(held.kinds(id), ["withheld", "prompt"]);
});

Deno.test("a prompt that a daemon withheld is said once by the next one, after its own snapshot", async () => {
  await using held = await HeldJobs.start();
  const { jobs, git } = held;
  const { cwd } = jobs.harness.state;
  const id = await jobs.run("write made.txt; say written");
  await held.opened(id);
  await jobs.harness.restart(() => Deno.writeTextFileSync(`${cwd}/of-the-user.txt`, "x\n"));
  assert.equal((await jobs.service.poll({ job_id: id })).status, "running");
  assert.doesNotMatch(held.said(id), /prompt/);
  git.release();
  const { status, files_changed, turn } = await jobs.ended(id);
  assert.deepEqual([status, turn, files_changed], ["done", 1, [`${cwd}/made.txt`]]);
  assert.deepEqual(held.kinds(id), ["withheld", "prompt"]);
  assert.deepEqual(await jobs.told(id), ["written"]);
});

Deno.test("a job that is cancelled while its prompt is withheld never hears it", async () => {
  await using held = await HeldJobs.start();
  const { jobs, git } = held;
  const id = await jobs.run("write made.txt; say written");
  await held.opened(id);
  const cancelling = jobs.service.cancel({ job_id: id });
  await eventually(() => /stop/.test(held.said(id)), { what: "the order to stop" });
  git.release();
  assert.equal((await cancelling).status, "cancelled");
  assert.ok(!exists(`${jobs.harness.state.cwd}/made.txt`));
  assert.deepEqual(held.kinds(id), ["withheld"]);
});

Deno.test("what is said to a job whose prompt is withheld comes after the prompt", async () => {
  await using held = await HeldJobs.start();
  const { jobs, git } = held;
  const id = await jobs.run("await; say end");
  await held.opened(id);
  const replied = jobs.service.reply({
    job_id: id,
    prompt: "use rg",
    when: "now",
    origin: jobs.harness.origin,
  });
  git.release();
  assert.equal((await replied).delivered, "injected");
  assert.equal((await jobs.ended(id)).status, "done");
  assert.deepEqual(await jobs.told(id), ["steered: use rg", "end"]);
});

Deno.test("a turn is not interrupted for a reply before it has its prompt", async () => {
  await using held = await HeldJobs.start();
  const { jobs, git } = held;
  const id = await jobs.run("say one; await");
  await held.opened(id);
  const request = { job_id: id, prompt: "say two", when: "now" as const, model: "other" };
  const replied = jobs.service.reply({ ...request, origin: jobs.harness.origin });
  git.release();
  assert.equal((await replied).delivered, "interrupted");
  const { status, turn, result } = await jobs.ended(id);
  assert.deepEqual([status, turn, result], ["done", 2, "two"]);
  assert.deepEqual(held.kinds(id), ["withheld", "prompt"]);
});

Deno.test("an agent that ends before it has its prompt ends its job", async () => {
  await using held = await HeldJobs.start();
  const { jobs, git } = held;
  const id = await jobs.run("say one");
  await held.opened(id);
  sendSignal(await eventually(() => pidIn(jobs.file(id, "agent")), { what: "the agent's pid" }), "SIGKILL");
  git.release();
  const { status, reason } = await jobs.ended(id);
  assert.deepEqual([status, reason], ["error", "exit_code"]);
});

Deno.test("a one-way agent is launched when the snapshot stands, since it may begin before it reads", async () => {
  await using held = await HeldJobs.start();
  const { jobs, git } = held;
  const { job_id: id } = await jobs.harness.run("run echo x >made.txt\nsay done");
  await eventually(() => git.isReached, { what: "the snapshot" });
  assert.ok(!exists(jobs.file(id, "raw.jsonl")));
  git.release();
  const { status, files_changed } = await jobs.ended(id);
  assert.deepEqual([status, files_changed], ["done", [`${jobs.harness.state.cwd}/made.txt`]]);
});
