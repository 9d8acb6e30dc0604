/** The real Codex CLI as a job that asks, is answered, steered and ended, through the real MCP server. */
import assert from "node:assert/strict";
import { z } from "zod";
import { EventsPage } from "../../src/service/read_requests.ts";
import { shell, text } from "../model/scenario.ts";
import { CodexStage } from "../support/codex_stage.ts";
import { escalated } from "../support/codex_talks.ts";
import { eventually } from "../support/eventually.ts";
import { daemonPid, killDaemon } from "../support/program.ts";

/** As a model is told of what jobs ask. */
const Asking = z.object({
  asking: z.array(z.object({
    job_id: z.string(),
    questions: z.array(
      z.object({
        question_id: z.string(),
        kind: z.string(),
        title: z.string(),
        options: z.array(z.object({ id: z.string() })),
      }),
    ),
  })).optional(),
});

/** The newest question of the job, once one is asked that was not told before. */
async function asked(stage: CodexStage, id: string) {
  const { asking } = await stage.host.call("job_wait", { job_ids: [id], timeout_seconds: 100 }, Asking);
  const question = asking?.find(({ job_id }) => job_id === id)?.questions.at(-1);
  assert.ok(question !== undefined, "nothing is asked");
  return question;
}

async function answered(stage: CodexStage, id: string, answer: Record<string, string>): Promise<string> {
  const answered = z.object({ question_id: z.string(), answered: z.literal(true) });
  return (await stage.host.call("job_answer", { job_id: id, ...answer }, answered)).question_id;
}

/** Type and state of a job's events, and how its questions were settled. */
async function kinds(stage: CodexStage, id: string): Promise<string[]> {
  const { events } = await stage.host.call("job_events", { job_id: id, limit: 500 }, EventsPage);
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, n) => n + 1));
  return events.filter(({ type, so_far }) => type !== "warning" && so_far !== true).map((
    { type, state, end },
  ) => [type, state, end].filter((part) => part !== undefined).join(" "));
}

Deno.test("codex talk: what it asks is allowed or rejected, and a reply goes on in its session", async () => {
  await using stage = await CodexStage.set();
  stage.model.script("asks", [
    escalated("echo a > allowed.txt"),
    escalated("echo b > rejected.txt"),
    text("Done."),
  ]);
  const id = await stage.host.start("Ask. [[scenario asks]]", { approval_policy: "ask", model: "gpt-5.5" });
  const first = await asked(stage, id);
  assert.deepEqual([first.kind, first.title, first.options.map(({ id }) => id)], [
    "approval",
    "Run: echo a > allowed.txt",
    ["allow", "reject"],
  ]);
  assert.equal(stage.file("allowed.txt"), null);
  assert.equal((await stage.host.poll(id)).status, "running");
  assert.equal(await answered(stage, id, { option: "allow" }), first.question_id);
  const second = await asked(stage, id);
  assert.equal(second.title, "Run: echo b > rejected.txt");
  await answered(stage, id, { option: "reject", question_id: second.question_id });
  const job = await stage.host.ended(id);
  assert.deepEqual([job.status, job.result, job.commands_run, job.usage.total_tokens], [
    "done",
    "Done.",
    1,
    330,
  ]);
  assert.deepEqual([stage.file("allowed.txt"), stage.file("rejected.txt")], ["a\n", null]);
  assert.deepEqual(await kinds(stage, id), [
    "status running",
    "session",
    "command started",
    "question",
    "answer answered",
    "command completed",
    "command started",
    "question",
    "answer answered",
    "command declined",
    "message",
    "usage",
    "status done",
  ]);
  stage.model.script("more", [text("More.")]);
  await stage.host.call("job_reply", { job_id: id, prompt: "More? [[scenario more]]" }, z.object({}));
  const again = await stage.host.ended(id);
  assert.deepEqual([again.status, again.result, again.session_id, again.usage.total_tokens], [
    "done",
    "More.",
    job.session_id,
    440,
  ]);
});

Deno.test("codex talk: under auto-edit nobody is asked, and what was refused is told", async () => {
  await using stage = await CodexStage.set({ live: true });
  stage.model.script("asks", [escalated("echo a > a.txt"), text("Done.")]);
  const id = await stage.host.start("Ask. [[scenario asks]]", { model: "gpt-5.5" });
  const job = await stage.host.ended(id);
  assert.deepEqual([job.status, job.result, stage.file("a.txt")], ["done", "Done.", null]);
  assert.ok(!(await kinds(stage, id)).some((kind) => kind.startsWith("question")));
});

Deno.test("codex talk: more to consider reaches the running turn", async () => {
  await using stage = await CodexStage.set({ live: true });
  stage.model.script("held", [
    shell("echo began >> log; while [ ! -e go ]; do sleep 0.02; done"),
    text("Done."),
  ]);
  const id = await stage.host.start("Hold on. [[scenario held]]", { model: "gpt-5.5" });
  await eventually(() => stage.file("log") === "began\n", { what: "the shell command" });
  const steer = { job_id: id, prompt: "Think of the tests", when: "now" };
  const receipt = await stage.host.call("job_reply", steer, z.object({ delivered: z.string() }));
  assert.equal(receipt.delivered, "injected");
  Deno.writeTextFileSync(`${stage.state.cwd}/go`, "");
  const job = await stage.host.ended(id);
  assert.deepEqual([job.status, job.turn, job.result], ["done", 1, "Done."]);
  const asked = JSON.stringify(stage.model.modelRequests("held").at(-1)?.body);
  assert.ok(asked.includes("Think of the tests"));
});

Deno.test("codex talk: what is said while a question is open takes its place", async () => {
  await using stage = await CodexStage.set();
  stage.model.script("asks", [
    escalated("echo a > first.txt"),
    // The request that tells of the refusal has what was said instead.
    ({ body }) => text(JSON.stringify(body).includes("Another way") ? "Another way." : "Not told."),
  ]);
  const id = await stage.host.start("Ask. [[scenario asks]]", { approval_policy: "ask", model: "gpt-5.5" });
  await asked(stage, id);
  const steer = { job_id: id, prompt: "Another way", when: "now" };
  const receipt = await stage.host.call("job_reply", steer, z.object({ delivered: z.string() }));
  assert.equal(receipt.delivered, "injected");
  const job = await stage.host.ended(id);
  assert.deepEqual([job.status, job.turn, stage.file("first.txt")], ["done", 1, null]);
  assert.equal(job.result, "Another way.");
  assert.ok((await kinds(stage, id)).includes("answer superseded"));
});

Deno.test("codex talk: a question outlives its daemon, and its answer is said once", async () => {
  await using stage = await CodexStage.set();
  stage.model.script("asks", [escalated("echo a >> allowed.txt"), text("Done.")]);
  const id = await stage.host.start("Ask. [[scenario asks]]", { approval_policy: "ask", model: "gpt-5.5" });
  const before = await asked(stage, id);
  const first = await killDaemon(stage.state);
  const after = await eventually(async () => {
    const question = (await stage.host.poll(id)).questions?.[0];
    return question === undefined || question.detail === "" ? null : question;
  }, { what: "the question at the next daemon" });
  assert.notEqual(daemonPid(stage.state), first);
  assert.deepEqual([after.question_id, after.title], [before.question_id, before.title]);
  await answered(stage, id, { option: "allow" });
  const job = await stage.host.ended(id);
  assert.deepEqual([job.status, job.result, stage.file("allowed.txt")], ["done", "Done.", "a\n"]);
  assert.deepEqual((await kinds(stage, id)).filter((kind) => /question|answer/.test(kind)), [
    "question",
    "answer answered",
  ]);
  assert.equal(stage.model.modelRequests("asks").length, 2);
});

Deno.test("codex talk: a job is cancelled while it asks", async () => {
  await using stage = await CodexStage.set();
  stage.model.script("asks", [escalated("echo a >> allowed.txt"), text("Done.")]);
  const id = await stage.host.start("Ask. [[scenario asks]]", { approval_policy: "ask", model: "gpt-5.5" });
  await asked(stage, id);
  await stage.host.call("job_cancel", { job_id: id }, z.object({ status: z.literal("cancelled") }));
  const job = await stage.host.poll(id);
  assert.deepEqual([job.status, job.reason, stage.file("allowed.txt")], ["cancelled", "cancelled", null]);
  assert.ok((await kinds(stage, id)).some((kind) => /^answer (closed|withdrawn)$/.test(kind)));
});
