/** When an agent cannot work: another one, or a wait for its usage limit. */
import assert from "node:assert/strict";
import type { JobResult } from "../../src/domain/job/result.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { LocalHarness } from "../support/local_harness.ts";

/** An agent of the user's own that repeats its prompt. */
const ECHO = {
  echo: { command: "/bin/sh", args: ["-c", "cat"], output: "text", version_args: ["-c", "echo 1.0"] },
};

const HOUR_MS = 3_600_000;

Deno.test("a job goes on with the next agent when its first one cannot work", async () => {
  for (const words of ["You've hit your usage limit.", "unexpected status 401 Unauthorized: x"]) {
    await using harness = await LocalHarness.start({ agents: ECHO });
    const prompt = `say working\nfail ${words}`;
    const { job_id } = await harness.run(prompt, { fallback: ["echo"] });
    const job = await ended(harness, job_id, 2);
    assert.deepEqual({ agent: job.agent, status: job.status, result: job.result, turn: job.turn }, {
      agent: "echo",
      status: "done",
      result: prompt,
      turn: 2,
    });
    assert.match(job.output, /turn 1 failed[^]*turn 2: echo/);
    const { notifications } = await harness.service.feed({ cursor: 0 });
    assert.deepEqual(notifications.map(({ turn, status }) => `${turn} ${status}`), [
      "1 pending",
      "1 running",
      "1 error",
      "2 pending",
      "2 running",
      "2 done",
    ]);
  }
});

Deno.test("a job whose first agent is not installed goes to the next", async () => {
  await using harness = await LocalHarness.start({ agents: ECHO });
  const env = { ...harness.state.env, PATH: "/usr/bin:/bin" };
  const { job_id } = await harness.run("hello", { fallback: ["echo"], origin: { ...harness.origin, env } });
  const job = await ended(harness, job_id, 2);
  assert.deepEqual({ agent: job.agent, result: job.result }, { agent: "echo", result: "hello" });
  // The turn that never ran counts for nothing; of the other one nobody tells.
  assert.deepEqual([job.commands_run, job.usage.total_tokens, job.usage_known], [null, null, 0]);
});

Deno.test("an agent that is not installed takes over nothing: the next one does, or the limit is waited for", async () => {
  await using harness = await LocalHarness.start({ agents: ECHO });
  const limit = `You've hit your usage limit. Try again at ${clockText(new Date(Date.now() + HOUR_MS))}.`;
  const first = await harness.run(`fail ${limit}`, { fallback: ["gemini", "echo"] });
  const taken = await ended(harness, first.job_id, 2);
  assert.deepEqual([taken.agent, taken.status], ["echo", "done"]);

  const alone = await harness.run(`fail ${limit}`, { fallback: ["gemini"] });
  const { agent, reason, retry_at, session_id } = await harness.ended(alone.job_id);
  assert.deepEqual([agent, reason], ["codex", "quota_exhausted"]);
  assert.ok(retry_at !== undefined && session_id !== null);

  const patient = await harness.run(`fail ${limit}`, { fallback: ["gemini"], retry_on_limit: true });
  const waiting = await eventually(async () => {
    const job = await harness.service.poll({ job_id: patient.job_id });
    return job.turn === 2 && job;
  }, { what: "the second turn" });
  assert.deepEqual([waiting.agent, waiting.status], ["codex", "pending"]);
});

Deno.test("a job whose agent has changed files, or failed at its work, is not handed over", async () => {
  await using harness = await LocalHarness.start({ agents: ECHO });
  const changed = await harness.run("change a\nfail You've hit your usage limit.", { fallback: ["echo"] });
  assert.equal((await harness.ended(changed.job_id)).reason, "quota_exhausted");
  const ran = await harness.run("run echo x >b\nfail You've hit your usage limit.", { fallback: ["echo"] });
  assert.equal((await harness.ended(ran.job_id)).reason, "quota_exhausted");
  const failed = await harness.run("fail something else", { fallback: ["echo"] });
  assert.equal((await harness.ended(failed.job_id)).reason, "agent_error");
});

Deno.test("a reply, which goes on from what was said before, is not handed to another agent", async () => {
  await using harness = await LocalHarness.start({ agents: ECHO });
  const { job_id } = await harness.run("say fine", { fallback: ["echo"] });
  await harness.ended(job_id);
  await harness.reply(job_id, "fail You've hit your usage limit.");
  const job = await ended(harness, job_id, 2);
  assert.deepEqual({ agent: job.agent, reason: job.reason }, { agent: "codex", reason: "quota_exhausted" });
});

Deno.test("a usage limit with a known end is waited for, and the session goes on", async () => {
  await using harness = await LocalHarness.start();
  const { cwd } = harness.state;
  const at = new Date(Date.now() + HOUR_MS);
  const limit = `You've hit your usage limit. Try again at ${clockText(at)}.`;
  const prompt =
    `run test -e ${cwd}/again || touch ${cwd}/first\nwhen ${cwd}/again say resumed\nunless ${cwd}/again fail ${limit}`;
  const { job_id } = await harness.run(prompt, { retry_on_limit: true });
  const waiting = await eventually(async () => {
    const job = await harness.service.poll({ job_id });
    return job.turn === 2 && job.waiting_for !== undefined && job;
  }, { what: "the second turn" });
  assert.equal(waiting.status, "pending");
  assert.match(waiting.waiting_for ?? "", /the usage limit of codex to end at 20/);
  // No other job of that agent starts in between, and a new daemon knows it.
  const other = await harness.run("say other", { cwd: harness.state.workspace("b") });
  assert.equal(other.status, "pending");
  await harness.restart();
  assert.match((await harness.service.poll({ job_id })).waiting_for ?? "", /usage limit/);
  Deno.writeTextFileSync(`${cwd}/again`, "");
  harness.clockAhead = 2 * HOUR_MS;
  await harness.run("say anything", { cwd: harness.state.workspace("c") });
  const job = await ended(harness, job_id, 2);
  assert.deepEqual({ status: job.status, result: job.result }, { status: "done", result: "resumed" });
  const prompts = Deno.readTextFileSync(`${harness.state.home}/jobs/${job_id}/turns/2/prompt.md`);
  assert.match(prompts, /^A usage limit interrupted you and has ended\. Go on where you stopped/);
  assert.equal((await harness.ended(other.job_id)).status, "done");
});

/** A Gemini CLI that repeats its prompt; while there is a file `limit` in its directory, it only tells of one. */
function limitedGemini(harness: LocalHarness): string {
  const repeating = fromFileUrl(new URL("../fixtures/agents/repeating/gemini", import.meta.url));
  const told = JSON.stringify({
    type: "result",
    timestamp: new Date().toISOString(),
    status: "error",
    error: { type: "unknown", message: "Quota exceeded. Please retry in 1h0m0s." },
  });
  const bin = harness.state.workspace("bin");
  const script = `#!/bin/sh\n[ -e limit ] || exec '${repeating}' "$@"\necho '${told}'\nexit 173\n`;
  Deno.writeTextFileSync(`${bin}/gemini`, script, { mode: 0o755 });
  return bin;
}

Deno.test("an agent whose conversations are replayed begins afresh where it takes over from another", async () => {
  await using harness = await LocalHarness.start();
  const env = { ...harness.state.env, PATH: `${limitedGemini(harness)}:${harness.state.env.PATH}` };
  const prompt = "fail You've hit your usage limit.";
  const { job_id } = await harness.run(prompt, { fallback: ["gemini"], origin: { env, session: "test" } });
  const job = await ended(harness, job_id, 2);
  assert.deepEqual([job.agent, job.result], ["gemini", `approval-mode auto_edit\n${prompt}\n`]);
  await harness.service.reply({ job_id, prompt: "And now?", origin: { env, session: "test" } });
  const { result } = await ended(harness, job_id, 3);
  assert.match(result ?? "", /===== turn 1, the user asked\nfail You've[^]*===== you said\n[^]*And now\?/);
  assert.doesNotMatch(result ?? "", /turn 2, the user asked|an error was reported/);
});

Deno.test("an agent whose conversations are replayed is told that a limit interrupted it", async () => {
  await using harness = await LocalHarness.start();
  const { cwd } = harness.state;
  const env = { ...harness.state.env, PATH: `${limitedGemini(harness)}:${harness.state.env.PATH}` };
  const origin = { env, session: "test" };
  Deno.writeTextFileSync(`${cwd}/limit`, "");
  const { job_id } = await harness.run("the task", { agent: "gemini", retry_on_limit: true, origin });
  await eventually(async () => (await harness.service.poll({ job_id })).turn === 2, {
    what: "the next turn",
  });
  Deno.removeSync(`${cwd}/limit`);
  harness.clockAhead = 2 * HOUR_MS;
  await harness.run("say anything", { cwd: harness.state.workspace("b") });
  const { result } = await ended(harness, job_id, 2);
  assert.match(
    result ?? "",
    /the user's new request follows\n\nA usage limit interrupted you[^]*\n\nthe task/,
  );
});

async function ended(harness: LocalHarness, jobId: string, turn: number): Promise<JobResult> {
  return await eventually(async () => {
    const job = await harness.service.poll({ job_id: jobId });
    return job.turn === turn && job.finished_at !== null && job;
  }, { what: `the end of turn ${turn}` });
}

/** As Codex says it: "3:05 PM", or with the day when that is another one. */
function clockText(at: Date): string {
  const time = at.toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
  return at.getDate() === new Date().getDate()
    ? time
    : `${at.toLocaleDateString("en-US", { month: "short", day: "numeric", year: "numeric" })} ${time}`;
}
