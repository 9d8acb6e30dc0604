/** The same again as a new job: what is kept, what is read anew, what may be changed, what is refused. */
import assert from "node:assert/strict";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { TurnRequest } from "../../src/domain/turn/turn.ts";
import type { RetryRequest, StartRequest } from "../../src/service/requests.ts";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";

/** Agents of the user's own that repeat what they were given. */
const CONFIG = {
  agents: {
    echo: { command: "/bin/sh", args: ["-c", "cat"], output: "text", version_args: ["-c", "echo 1.0"] },
    mark: {
      command: "/bin/sh",
      args: ["-c", 'echo "$MARK"'],
      output: "text",
      version_args: ["-c", "echo 1.0"],
    },
  },
};

function retry(harness: LocalHarness, job_id: string, change: Partial<RetryRequest> = {}) {
  return harness.service.retry({ job_id, origin: harness.origin, ...change });
}

function turnFile(harness: LocalHarness, jobId: string, name = "turn.json"): string {
  return `${harness.state.home}/jobs/${jobId}/turns/1/${name}`;
}

function asked(harness: LocalHarness, jobId: string): TurnRequest {
  return TurnRequest.parse(JSON.parse(Deno.readTextFileSync(turnFile(harness, jobId))));
}

/** All of a start but what differs between two of them. */
async function startOf(harness: LocalHarness, jobId: string) {
  const { job_id: _id, created_at: _at, request_key: _key, ...request } = asked(harness, jobId);
  const path = `${harness.state.home}/jobs/${jobId}/job.json`;
  // Written a moment after the job has changed.
  const record = await eventually(() => Deno.readTextFileSync(path), { what: "the job's record" });
  const { cwd, title, priority, retry_on_limit, fallback, agent } = JSON.parse(record);
  const prompt = Deno.readTextFileSync(turnFile(harness, jobId, "prompt.md"));
  return { request, cwd, title, priority, retry_on_limit, fallback, agent, prompt };
}

function refusal(pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(isAgentAsyncError(error, "conflict"), String(error));
    assert.match(error.message, pattern);
    return true;
  };
}

Deno.test("retry: the whole start is asked again as a new job, and the first one is left as it was", async () => {
  await using harness = await LocalHarness.start(CONFIG);
  const whole: Partial<StartRequest> = {
    title: "A few words",
    approval_policy: "suggest",
    model: "some-model",
    timeout_seconds: 600,
    priority: 3,
    fallback: ["echo"],
    retry_on_limit: true,
  };
  const first = await harness.run("\uFEFFsay hello\nsay \u{1F600} done", whole);
  const ended = await harness.ended(first.job_id);
  await harness.reply(first.job_id, "say more");
  const before = await harness.ended(first.job_id);
  const receipt = await retry(harness, first.job_id);
  assert.notEqual(receipt.job_id, first.job_id);
  assert.equal(receipt.turn, 1);
  const again = await harness.ended(receipt.job_id);
  assert.deepEqual([again.status, again.result, again.turn], ["done", ended.result, 1]);
  assert.deepEqual(await startOf(harness, receipt.job_id), await startOf(harness, first.job_id));
  assert.deepEqual(await harness.service.poll({ job_id: first.job_id }), before);
});

Deno.test("retry: context files are read as they are now, and the environment is that of who asks", async () => {
  await using harness = await LocalHarness.start(CONFIG);
  const file = `${harness.state.cwd}/notes.txt`;
  Deno.writeTextFileSync(file, "then");
  const { job_id } = await harness.run("read this", { agent: "echo", context_files: ["notes.txt"] });
  assert.match((await harness.ended(job_id)).result ?? "", /^read this\n\n<file path="notes.txt">\nthen\n/);
  Deno.writeTextFileSync(file, "now");
  const again = await harness.ended((await retry(harness, job_id)).job_id);
  assert.match(again.result ?? "", /^read this\n\n<file path="notes.txt">\nnow\n<\/file>$/);

  const marked = await harness.run("x", { agent: "mark" });
  await harness.ended(marked.job_id);
  const origin = { ...harness.origin, env: { ...harness.state.env, MARK: "another terminal" } };
  const { result } = await harness.ended((await retry(harness, marked.job_id, { origin })).job_id);
  assert.equal(result?.trim(), "another terminal");

  Deno.removeSync(file);
  await assert.rejects(
    retry(harness, job_id),
    refusal(/^Cannot retry job \w{8}: context_files\[0\]: notes\.txt /),
  );
});

Deno.test("retry: a job that went to another agent begins again with its first one", async () => {
  await using harness = await LocalHarness.start(CONFIG);
  const { job_id } = await harness.run("fail You've hit your usage limit.", { fallback: ["echo"] });
  const turnOf = (id: string) =>
    eventually(async () => {
      const job = await harness.service.poll({ job_id: id });
      return job.status === "done" && job.turn === 2 && job;
    }, { what: "the end of the second turn" });
  assert.equal((await turnOf(job_id)).agent, "echo");
  const again = await retry(harness, job_id);
  await turnOf(again.job_id);
  assert.deepEqual(asked(harness, again.job_id).start, asked(harness, job_id).start);
});

Deno.test("retry: agent, policy, model and time limit may be changed; another agent has models of its own", async () => {
  await using harness = await LocalHarness.start(CONFIG);
  const first = await harness.run("say hi", { model: "one", fallback: ["echo"], approval_policy: "suggest" });
  await harness.ended(first.job_id);
  const changed = await retry(harness, first.job_id, {
    approval_policy: "full-auto",
    model: "two",
    timeout_seconds: 99,
  });
  const { approval_policy, model, timeout_seconds } = asked(harness, changed.job_id);
  assert.deepEqual([approval_policy, model, timeout_seconds], ["full-auto", "two", 99]);

  const other = await retry(harness, first.job_id, { agent: "echo", approval_policy: "full-auto" });
  assert.deepEqual([other.agent, asked(harness, other.job_id).model], ["echo", null]);
  assert.deepEqual(asked(harness, other.job_id).start?.fallback, []);
  assert.equal((await harness.ended(other.job_id)).result, "say hi");

  await assert.rejects(
    retry(harness, first.job_id, { agent: "nobody" }),
    (error) => isAgentAsyncError(error, "unknown_agent"),
  );
});

Deno.test("retry: the same request key is one job, and a job that still waits can be had twice", async () => {
  await using harness = await LocalHarness.start({ ...CONFIG, limits: { total: 1 } });
  await harness.run("wait never", { approval_policy: "suggest" });
  const { job_id } = await harness.run("say hi", { approval_policy: "suggest" });
  const [one, two] = [
    await retry(harness, job_id, { request_key: "k" }),
    await retry(harness, job_id, { request_key: "k" }),
  ];
  assert.equal(one.job_id, two.job_id);
  assert.deepEqual([one.status, (await harness.service.list({})).total], ["pending", 3]);
});

Deno.test("retry: what is not there any more is said", async () => {
  await using harness = await LocalHarness.start(CONFIG);
  const cwd = harness.state.workspace("gone");
  const first = await harness.run("say hi", { cwd });
  await harness.ended(first.job_id);
  Deno.removeSync(cwd, { recursive: true });
  await assert.rejects(
    retry(harness, first.job_id),
    refusal(/^Cannot retry job \w{8}: cwd: .*gone does not exist or cannot be read$/),
  );

  const second = await harness.run("say hi");
  await harness.ended(second.job_id);
  Deno.writeTextFileSync(turnFile(harness, second.job_id, "prompt.md"), "say");
  await assert.rejects(retry(harness, second.job_id), refusal(/what it was asked is not there any more/));
  Deno.removeSync(turnFile(harness, second.job_id, "turn.json"));
  await assert.rejects(retry(harness, second.job_id), refusal(/what it was asked is not there any more/));
  await assert.rejects(retry(harness, "zzzzzzzz"), (error) => isAgentAsyncError(error, "not_found"));
  assert.equal((await harness.service.list({})).total, 2);
});

Deno.test("retry: a policy beyond what the configuration allows by now is refused by the job's name", async () => {
  await using harness = await LocalHarness.start(CONFIG);
  const { job_id } = await harness.run("say hi", { approval_policy: "full-auto" });
  await harness.ended(job_id);
  await harness.restart(() =>
    Deno.writeTextFileSync(
      `${harness.state.home}/config.json`,
      JSON.stringify({ ...CONFIG, max_approval_policy: "suggest" }),
    )
  );
  await assert.rejects(
    retry(harness, job_id),
    refusal(/^Cannot retry job \w{8}: approval_policy: full-auto/),
  );
  const within = await retry(harness, job_id, { approval_policy: "suggest" });
  assert.equal((await harness.ended(within.job_id)).status, "done");
});

Deno.test("retry: a job of an earlier version is asked again as its agent was asked", async () => {
  await using harness = await LocalHarness.start(CONFIG);
  const { job_id } = await harness.run("say hi", { agent: "echo" });
  await harness.ended(job_id);
  const path = turnFile(harness, job_id);
  const { start: _start, ...earlier } = asked(harness, job_id);
  Deno.writeTextFileSync(path, JSON.stringify(earlier));
  const again = await harness.ended((await retry(harness, job_id)).job_id);
  assert.deepEqual([again.agent, again.result], ["echo", "say hi"]);
});

Deno.test("retry: from inside a job it has no more rights than that job", async () => {
  await using harness = await LocalHarness.start(CONFIG);
  const { job_id } = await harness.run("say hi", { approval_policy: "full-auto" });
  await harness.ended(job_id);
  const around = await harness.run("wait never", { approval_policy: "suggest" });
  const origin = { ...harness.origin, env: { ...harness.state.env, AGENT_ASYNC_JOB_ID: around.job_id } };
  const inside = await retry(harness, job_id, { origin });
  assert.equal(asked(harness, inside.job_id).approval_policy, "suggest");
  assert.equal((await harness.ended(inside.job_id)).parent, around.job_id);
  await assert.rejects(
    retry(harness, job_id, { origin, approval_policy: "full-auto" }),
    (error) => isAgentAsyncError(error, "invalid_argument"),
  );
});
