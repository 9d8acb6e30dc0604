/**
 * A reply that is said at once and sent again under its key, as after a broken connection: it is told as it was at
 * first and said once, whatever has become of it, by the next daemon too, and by every door.
 */
import assert from "node:assert/strict";
import type { ReplyRequest } from "../../src/service/requests.ts";
import { commandLine } from "../cli/command_line.ts";
import { AskingService } from "../support/asking_service.ts";
import { MemoryHost } from "../support/memory_host.ts";
import { TalkingJobs } from "../support/talking_jobs.ts";

/** Says it now, under the key k. */
function now(jobs: TalkingJobs, id: string, prompt: string, over: Partial<ReplyRequest> = {}) {
  const given = { job_id: id, prompt, when: "now", request_key: "k", origin: jobs.harness.origin } as const;
  return jobs.service.reply({ ...given, ...over });
}

Deno.test("said again: what was to wait is no interruption of anything", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("say one");
  await jobs.ended(id);
  const first = await now(jobs, id, "say two");
  assert.deepEqual([first.turn, first.delivered], [2, undefined]);
  await jobs.ended(id);
  for (const restart of [false, true]) {
    if (restart) await jobs.harness.restart();
    const again = await now(jobs, id, "say two");
    assert.deepEqual([again.turn, again.delivered, again.status], [2, undefined, "done"]);
  }
  assert.deepEqual(await jobs.told(id), ["one", "two"]);
});

Deno.test("said again: a turn that another was interrupted for is not interrupted for itself", async () => {
  await using jobs = await TalkingJobs.start();
  const gate = `${jobs.harness.state.home}/gate`;
  const id = await jobs.run("say one; ask q1 May I?");
  await jobs.asked(id);
  const say = () => now(jobs, id, `say two; wait ${gate}; say three`, { model: "other" });
  const told = async () => {
    const { turn, delivered } = await say();
    return [turn, delivered];
  };
  assert.deepEqual(await told(), [2, "interrupted"]);
  await jobs.hears(id, "two");
  assert.deepEqual(await told(), [2, "interrupted"]);
  await jobs.harness.restart();
  assert.deepEqual(await told(), [2, "interrupted"]);
  Deno.writeTextFileSync(gate, "");
  const { status, turn, result } = await jobs.ended(id);
  assert.deepEqual([status, turn, result], ["done", 2, "three"]);
  assert.deepEqual(await told(), [2, "interrupted"]);
  assert.match((await say()).message, /^Job \w+ has ended \(done\)/);
});

Deno.test("said again: the turn before it is interrupted though the daemon died before it did that", async () => {
  await using stage = await AskingService.open();
  stage.steers = null;
  const id = await stage.running();
  const reply = { job_id: id, prompt: "x", when: "now", request_key: "k", origin: stage.origin } as const;
  const { talks } = stage.scheduler;
  const interrupt = talks.interrupt.bind(talks);
  talks.interrupt = () => Promise.reject(new Error("killed"));
  await assert.rejects(stage.service.reply(reply));
  const stop = async () => {
    const job = await stage.store.get(id);
    return job?.state.status === "running" ? job.state.stop?.cause : "not running";
  };
  assert.equal(await stop(), undefined);
  talks.interrupt = interrupt;
  const { turn, delivered } = await stage.service.reply(reply);
  assert.deepEqual([turn, delivered, await stop()], [2, "interrupted", "superseded"]);
  assert.equal((await stage.store.get(id))?.last_turn, 2);
});

Deno.test("said again: what an agent did not take is the next turn once", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("refuse; say ready; await; say first");
  await jobs.hears(id, "ready");
  assert.equal((await now(jobs, id, "say second")).delivered, "queued");
  assert.equal((await jobs.ended(id)).result, "second");
  for (const restart of [false, true]) {
    if (restart) await jobs.harness.restart();
    assert.equal((await now(jobs, id, "say second")).delivered, "queued");
  }
  assert.equal((await jobs.ended(id)).turn, 2);
});

Deno.test("said again: by the tool and by the command line, after its turn, too", async () => {
  await using jobs = await TalkingJobs.start();
  const { service, harness: { state: { env } } } = jobs;
  await using host = new MemoryHost({ service, env });
  await host.initialize();
  const byTool = async (id: string) => {
    const args = { job_id: id, prompt: "use rg", when: "now", request_key: "k" };
    return Object((await host.call("job_reply", args)).result?.structuredContent);
  };
  const byLine = async (id: string) => {
    const args = ["reply", id, "use rg", "--now", "--request-key", "k"];
    const { stdout } = await commandLine([...args, "--json"], { service, env });
    return JSON.parse(stdout);
  };
  for (const send of [byTool, byLine]) {
    const id = await jobs.run("say ready; await; say end");
    await jobs.hears(id, "ready");
    assert.deepEqual((await send(id)).delivered, "injected");
    await jobs.ended(id);
    const { delivered, status } = await send(id);
    assert.deepEqual([delivered, status], ["injected", "done"]);
    const told = await jobs.told(id);
    assert.deepEqual(told.filter((text) => text.startsWith("steered")), ["steered: use rg"]);
  }
  const id = await jobs.run("say ready; await; say end");
  await jobs.hears(id, "ready");
  await byLine(id);
  await jobs.ended(id);
  const line = ["reply", id, "use rg", "--now", "--request-key", "k"];
  assert.match((await commandLine(line, { service, env })).stderr, /^Job \w+ has ended: done\.$/m);
});
