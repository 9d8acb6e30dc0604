/** A person in a job's session, through the real service: replies wait and changes stay, whoever of both sides dies. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import type { LocalHarness } from "../support/local_harness.ts";
import { harnessInRepository } from "../support/repository.ts";
import { signalIfAlive } from "../support/signals.ts";

const ISOLATED = { isolation: "worktree" } as const;

/** A command line that runs a program, each a process of its own. */
class Visitor implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess, readonly programPid: number) {
    this.#process = process;
  }

  static async start(): Promise<Visitor> {
    const process = new Deno.Command("sh", {
      args: ["-c", "sleep 600 >/dev/null & echo $!; wait"],
      stdout: "piped",
    }).spawn();
    const reader = process.stdout.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    return new Visitor(process, Number(new TextDecoder().decode(value)));
  }

  get caller() {
    return { pid: this.#process.pid, claimedJob: null };
  }

  enters(harness: LocalHarness, job_id: string) {
    return harness.service.enter({ job_id, stay: true }, { caller: this.caller });
  }

  /** As `open` does when the agent's program runs. */
  tells(harness: LocalHarness, job_id: string) {
    const request = { job_id, stay: true, program_pid: this.programPid };
    return harness.service.enter(request, { caller: this.caller });
  }

  /** Kills the command line, and not its program. */
  async die(): Promise<void> {
    signalIfAlive(this.#process.pid, "SIGKILL");
    await this.#process.status;
  }

  endProgram(): void {
    signalIfAlive(this.programPid, "SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.endProgram();
    await this.die();
    await this.#process.stdout.cancel();
  }
}

async function waits(harness: LocalHarness, id: string): Promise<void> {
  const { status, waiting_for } = await harness.service.poll({ job_id: id });
  assert.deepEqual([status, /^the person in its session to leave it/.test(waiting_for ?? "")], [
    "pending",
    true,
  ]);
}

Deno.test("visits: a reply waits for the person in the session, and begins when he has left", async () => {
  await using harness = await harnessInRepository();
  await using visitor = await Visitor.start();
  const { job_id } = await harness.run("say done");
  await harness.ended(job_id);
  await visitor.enters(harness, job_id);
  const receipt = await harness.reply(job_id, "say more");
  assert.match(receipt.waiting_for ?? "", /^the person in its session to leave it \(agent-async open/);
  await waits(harness, job_id);
  await visitor.die();
  const { result, turn } = await harness.ended(job_id);
  assert.deepEqual([result, turn], ["more", 2]);
});

Deno.test("visits: neither the death of the daemon nor of the command line ends one before its program does", async () => {
  await using harness = await harnessInRepository();
  await using visitor = await Visitor.start();
  const { job_id } = await harness.run("say done");
  await harness.ended(job_id);
  await visitor.enters(harness, job_id);
  await visitor.tells(harness, job_id);
  await harness.reply(job_id, "say more");
  await harness.restart(() => visitor.die());
  await waits(harness, job_id);
  visitor.endProgram();
  assert.equal((await harness.ended(job_id)).result, "more");
  assert.ok(!exists(`${harness.state.home}/jobs/${job_id}/visit.json`));
});

Deno.test("visits: a reply sent now waits, too, and a cancelled one waits no longer", async () => {
  await using harness = await harnessInRepository();
  await using visitor = await Visitor.start();
  const { job_id } = await harness.run("say done");
  await harness.ended(job_id);
  await visitor.enters(harness, job_id);
  const { origin } = harness;
  const receipt = await harness.service.reply({ job_id, prompt: "say now", when: "now", origin });
  assert.equal(receipt.status, "pending");
  await waits(harness, job_id);
  await harness.service.cancel({ job_id });
  assert.equal((await harness.ended(job_id)).status, "cancelled");
});

Deno.test("visits: changes of the job, its place and its files stay as they are", async () => {
  await using harness = await harnessInRepository();
  await using visitor = await Visitor.start();
  const { job_id } = await harness.run("run echo a >made.txt\nsay done", ISOLATED);
  await harness.ended(job_id);
  await visitor.enters(harness, job_id);
  for (const action of ["apply", "undo", "discard"] as const) {
    await assert.rejects(
      () => harness.service.apply({ job_id, action }),
      new RegExp(`Cannot ${action} the changes of job ${job_id}: a person is in its session`),
    );
  }
  assert.deepEqual((await harness.service.prune({ older_than_days: 0 })).jobs, []);
  await visitor.die();
  assert.equal((await harness.service.apply({ job_id })).files.length, 1);
  assert.deepEqual((await harness.service.prune({ older_than_days: 0 })).jobs, [job_id]);
});

Deno.test("visits: one person at a time, of a job that rests, and only as the caller's own process", async () => {
  await using harness = await harnessInRepository();
  await using visitor = await Visitor.start();
  await using other = await Visitor.start();
  const { job_id } = await harness.run("run until test -f go; do sleep 0.05; done\nsay done");
  await eventually(async () => (await harness.service.poll({ job_id })).status === "running", {
    what: "the turn to run",
  });
  await assert.rejects(() => visitor.enters(harness, job_id), /Cannot open job \w+: it is running/);
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  await harness.ended(job_id);
  const strange = { job_id, stay: true, program_pid: other.programPid };
  await visitor.enters(harness, job_id);
  await harness.service.enter(strange, { caller: visitor.caller });
  await assert.rejects(() => other.enters(harness, job_id), /a person is in its session/);
  await visitor.die();
  await other.enters(harness, job_id);
});

Deno.test("visits: a note that cannot be read, or is of another boot, keeps nobody waiting", async () => {
  await using harness = await harnessInRepository();
  const { job_id } = await harness.run("say done");
  await harness.ended(job_id);
  const file = `${harness.state.home}/jobs/${job_id}/visit.json`;
  const stranger = { pid: Deno.pid, startTime: "1", bootId: "another" };
  for (const text of ["{", "[]", '{"processes":[{"pid":-1}]}', JSON.stringify({ processes: [stranger] })]) {
    Deno.writeTextFileSync(file, text);
    await harness.reply(job_id, "say more");
    assert.equal((await harness.ended(job_id)).result, "more");
  }
});
