/** The real Claude Code as a job that can be asked, answered and steered, through the real MCP server and daemon. */
import assert from "node:assert/strict";
import { Receipt } from "../../src/service/requests.ts";
import { addFile, answer, hang, type Item, refuse, shell, type Step, text } from "../model/scenario.ts";
import { AgentStage, type AgentStageOptions, fileIn, processesOf } from "../support/agent_stage.ts";
import { answerFor, askedOf } from "../support/asked_of.ts";
import { eventually } from "../support/eventually.ts";
import { daemonPid, killDaemon, runProgram } from "../support/program.ts";

function set(options: Omit<AgentStageOptions, "agents"> = {}): Promise<AgentStage> {
  return AgentStage.set({ agents: ["claude"], ...options });
}

const LIVE = { agents: { claude: { live: true } } };

const use = (tool: string, args: Record<string, unknown>): Item => ({ kind: "tool", tool, arguments: args });

const LIBRARY = {
  questions: [{
    question: "Which library?",
    header: "Library",
    multiSelect: false,
    options: [{ label: "Alpha", description: "old" }, { label: "Beta", description: "new" }],
  }],
};

/** Whether a file is in the directory. */
function has(directory: string, name: string): boolean {
  return fileIn(directory, name) !== null;
}

Deno.test("claude asks: a command and a file wait for an answer, and are done or not as it says", async () => {
  await using stage = await set();
  const cwd = stage.state.workspace("job");
  stage.model.script("work", [
    shell("touch allowed.txt"),
    shell("touch rejected.txt"),
    addFile(`${cwd}/new.txt`, "hello\n"),
    text("All done."),
  ]);
  const id = await stage.start("claude", "Work. [[scenario work]]", { cwd, approval_policy: "ask" });
  const [first] = await askedOf(stage.host, id);
  assert.deepEqual([first?.kind, first?.title, first?.detail], [
    "approval",
    "Run: touch allowed.txt",
    "touch allowed.txt",
  ]);
  assert.equal(has(cwd, "allowed.txt"), false);
  await answerFor(stage.host, id, { option: "allow" });
  await eventually(async () => (await askedOf(stage.host, id))[0]?.title === "Run: touch rejected.txt", {
    what: "the second question",
  });
  await answerFor(stage.host, id, { option: "reject", text: "Leave that." });
  await eventually(async () => (await askedOf(stage.host, id))[0]?.title === `Write ${cwd}/new.txt`, {
    what: "the third question",
  });
  await answerFor(stage.host, id, { option: "allow" });
  const job = await stage.host.ended(id);
  assert.deepEqual([job.status, job.result, job.exit_code], ["done", "All done.", 0]);
  assert.deepEqual(["allowed.txt", "rejected.txt", "new.txt"].map((name) => has(cwd, name)), [
    true,
    false,
    true,
  ]);
  const events = await stage.events(id);
  assert.deepEqual(
    events.filter(({ type }) => type === "answer").map(({ end, option, text }) => [end, option, text]),
    [["answered", "allow", undefined], ["answered", "reject", "Leave that."], [
      "answered",
      "allow",
      undefined,
    ]],
  );
  assert.deepEqual(
    events.filter(({ type, state }) => type === "command" && state !== "started").map(({ state }) => state),
    ["completed", "declined"],
  );
  assert.deepEqual(events.filter(({ type }) => type === "raw" || type === "warning"), []);
  assert.deepEqual(processesOf(id), []);
});

Deno.test("claude asks: its user question is answered, and a reply goes on in the same session", async () => {
  await using stage = await set();
  stage.model.script("first", [use("AskUserQuestion", LIBRARY), text("Beta it is.")]);
  stage.model.script("second", [shell("touch second.txt"), text("Went on.")]);
  const cwd = stage.state.workspace("job");
  const id = await stage.start("claude", "Ask. [[scenario first]]", { cwd, approval_policy: "ask" });
  const [question] = await askedOf(stage.host, id);
  assert.deepEqual([question?.kind, question?.options.map(({ label }) => label)], [
    "choice",
    ["Alpha", "Beta", "None of these (say what, in words)"],
  ]);
  await answerFor(stage.host, id, { option: "2" });
  const first = await stage.host.ended(id);
  assert.deepEqual([first.status, first.result], ["done", "Beta it is."]);
  const asked = JSON.stringify(stage.model.modelRequests("first").at(-1)?.body);
  assert.match(asked, /Which library\?\\*"=\\*"Beta/);
  await stage.host.call("job_reply", { job_id: id, prompt: "Go on. [[scenario second]]" }, Receipt.partial());
  await answerFor(stage.host, id, { option: "allow" });
  const second = await stage.host.ended(id);
  assert.deepEqual([second.status, second.result, second.turn, second.session_id], [
    "done",
    "Went on.",
    2,
    first.session_id,
  ]);
  assert.equal(has(cwd, "second.txt"), true);
  assert.equal(second.usage.total_tokens, 440);
});

Deno.test("claude asks nobody under auto-edit: what is not allowed is declined, two-way as one-way", async () => {
  await using stage = await set({ config: LIVE });
  const cwd = stage.state.workspace("job");
  stage.model.script("work", [
    shell("bash -c 'echo x > shell.txt'"),
    addFile(`${cwd}/a.txt`, "a\n"),
    text("Tried."),
  ]);
  const job = await stage.run("claude", "Try. [[scenario work]]", { cwd, approval_policy: "auto-edit" });
  assert.deepEqual([job.status, job.result, job.questions], ["done", "Tried.", undefined]);
  assert.deepEqual(["shell.txt", "a.txt"].map((name) => has(cwd, name)), [false, true]);
  const events = await stage.events(job.job_id);
  assert.ok(events.some(({ type, state }) => type === "command" && state === "declined"));
});

Deno.test("claude asks: a daemon that is killed while a question is open is followed by one that knows it", async () => {
  await using stage = await set();
  const cwd = stage.state.workspace("job");
  stage.model.script("work", [shell("touch made.txt"), text("Done.")]);
  const id = await stage.start("claude", "Work. [[scenario work]]", { cwd, approval_policy: "ask" });
  const [before] = await askedOf(stage.host, id);
  const first = await killDaemon(stage.state);
  const [after] = await askedOf(stage.host, id);
  assert.notEqual(daemonPid(stage.state), first);
  assert.deepEqual({ ...after }, { ...before });
  await answerFor(stage.host, id, { option: "allow" });
  const job = await stage.host.ended(id);
  assert.deepEqual([job.status, job.result], ["done", "Done."]);
  assert.equal(has(cwd, "made.txt"), true);
  const events = await stage.events(id);
  assert.deepEqual(
    ["question", "answer", "command"].map((type) => events.filter((one) => one.type === type).length),
    [
      1,
      1,
      2,
    ],
  );
});

Deno.test("claude asks: a cancel with a question open leaves nothing behind", async () => {
  await using stage = await set();
  const cwd = stage.state.workspace("job");
  stage.model.script("work", [shell("sleep 600 & touch made.txt"), text("Done.")]);
  const id = await stage.start("claude", "Work. [[scenario work]]", { cwd, approval_policy: "ask" });
  await askedOf(stage.host, id);
  assert.equal((await runProgram(stage.state, ["cancel", id])).code, 0);
  const job = await stage.host.ended(id);
  assert.deepEqual([job.status, job.questions, has(cwd, "made.txt")], ["cancelled", undefined, false]);
  assert.deepEqual(processesOf(id), []);
  const ends = (await stage.events(id)).filter(({ type }) => type === "answer").map(({ end }) => end);
  assert.equal(ends.length, 1);
  assert.match(String(ends[0]), /withdrawn|closed/);
});

Deno.test("claude two-way: a cancel ends the command that runs with all that it started", async () => {
  await using stage = await set({ config: LIVE });
  const cwd = stage.state.workspace("job");
  stage.model.script("work", [shell("setsid sleep 600 & sleep 601 & touch running; wait")], hang());
  const id = await stage.start("claude", "Work. [[scenario work]]", { cwd, approval_policy: "full-auto" });
  await eventually(() => has(cwd, "running"), { what: "the command to run" });
  assert.equal((await runProgram(stage.state, ["cancel", id])).code, 0);
  assert.equal((await stage.host.ended(id)).status, "cancelled");
  assert.deepEqual(processesOf(id), []);
});

Deno.test("claude two-way: failures of the model's server have their reason and hint", async () => {
  await using stage = await set({ config: LIVE });
  for (
    const [code, reason] of [[401, "auth_required"], [429, "quota_exhausted"], [500, "agent_error"]] as const
  ) {
    stage.model.script(`answers-${code}`, [], refuse(code));
    const job = await stage.run("claude", `Go. [[scenario answers-${code}]]`, {
      approval_policy: "full-auto",
    });
    assert.deepEqual(
      [job.status, job.reason, job.hint === undefined],
      ["error", reason, false],
      JSON.stringify(job),
    );
    assert.deepEqual(processesOf(job.job_id), []);
  }
});

Deno.test("claude two-way: an answer whose stream breaks in the middle is gone on with", async () => {
  await using stage = await set({ config: LIVE, env: { CLAUDE_CODE_MAX_RETRIES: "2" } });
  stage.model.script("cut", [answer([text("Half")], { end: "cut" })], text("Whole."));
  const job = await stage.run("claude", "Go. [[scenario cut]]", { approval_policy: "full-auto" });
  assert.deepEqual([job.status, job.result], ["done", "Whole."]);
});

Deno.test("claude two-way: a worker that ends the channel gets no success for it", async () => {
  await using stage = await set({ config: LIVE });
  // As `pkill tail` would, but for the tails of others.
  const feeder = '"$AGENT_ASYNC_HOME/jobs/$AGENT_ASYNC_JOB_ID/turns/1/feeder"';
  stage.model.script("work", [
    shell(`kill -9 $(tr -cs 0-9 '\\n' <${feeder} | grep . | head -n 1) && touch killed`),
    text("Done."),
  ]);
  const cwd = stage.state.workspace("job");
  const job = await stage.run("claude", "Go. [[scenario work]]", { cwd, approval_policy: "full-auto" });
  assert.equal(has(cwd, "killed"), true, job.output);
  assert.deepEqual([job.status, job.reason], ["error", "lost"], JSON.stringify(job));
  assert.match(job.error ?? "", /channel/);
  assert.deepEqual(processesOf(job.job_id), []);
});

Deno.test("claude two-way: what is said while it works is taken into the same answer, and the receipt says so", async () => {
  await using stage = await set({ config: LIVE });
  const cwd = stage.state.workspace("job");
  stage.model.script("work", [
    shell("touch running; while [ ! -e go ]; do sleep 0.05; done"),
    ({ body }) => text(JSON.stringify(body).includes("Use tabs.") ? "With tabs." : "Without."),
  ]);
  const id = await stage.start("claude", "Work. [[scenario work]]", { cwd, approval_policy: "full-auto" });
  await eventually(() => has(cwd, "running"), { what: "the command to run" });
  const args = { job_id: id, prompt: "Use tabs.", when: "now" };
  const receipt = await stage.host.call("job_reply", args, Receipt.partial().loose());
  assert.equal(receipt["delivered"], "queued");
  Deno.writeTextFileSync(`${cwd}/go`, "");
  const job = await stage.host.ended(id);
  assert.deepEqual([job.status, job.result, job.turn], ["done", "With tabs.", 1]);
});

/** The request that tells of the refusal has what was said instead. */
const afterRefusal: Step = ({ body }) =>
  JSON.stringify(body).includes("Another file.") ? shell("touch second.txt") : text("Not told.");

Deno.test("claude asks: what is said while a question is open takes its place", async () => {
  await using stage = await set();
  const cwd = stage.state.workspace("job");
  stage.model.script("work", [
    shell("touch first.txt"),
    afterRefusal,
    text("Done."),
  ]);
  const id = await stage.start("claude", "Work. [[scenario work]]", { cwd, approval_policy: "ask" });
  const [first] = await askedOf(stage.host, id);
  const receipt = await stage.host.call(
    "job_reply",
    { job_id: id, prompt: "Another file.", when: "now" },
    Receipt.partial().loose(),
  );
  assert.equal(receipt["delivered"], "queued");
  const second = await eventually(
    async () => (await askedOf(stage.host, id)).find(({ question_id }) => question_id !== first?.question_id),
    { what: "the next question" },
  );
  assert.equal(second.title, "Run: touch second.txt");
  await answerFor(stage.host, id, { option: "allow" });
  const job = await stage.host.ended(id);
  assert.deepEqual([job.status, job.result, job.turn], ["done", "Done.", 1]);
  assert.deepEqual(["first.txt", "second.txt"].map((name) => has(cwd, name)), [false, true]);
  const ends = (await stage.events(id)).filter(({ type }) => type === "answer").map(({ end }) => end);
  assert.deepEqual(ends, ["superseded", "answered"]);
});
