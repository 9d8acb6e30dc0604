/**
 * Tests of room `agents`: talks with the real Claude Code and the scripted model.
 *
 * @module
 */
import assert from "node:assert/strict";
import { claudeDriver } from "../../src/agents/claude/driver.ts";
import { claudeLive } from "../../src/agents/claude/live/driver.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import type { ApprovalPolicy } from "../../src/domain/agent/policy.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { AnthropicApi } from "../model/anthropic_api.ts";
import {
  addFile,
  answer,
  cutStream,
  type Item,
  mcpCall,
  refuse,
  shell,
  type Step,
  text,
} from "../model/scenario.ts";
import { ModelServer } from "../model/server.ts";
import { agentExecutable, installFromNpm } from "../support/agents.ts";
import { ClaudeHome, type ClaudeHomeOptions } from "../support/claude_home.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { refolded, RunningTalk } from "../support/run_talk.ts";
import { sendSignal } from "../support/signals.ts";

/** The oldest version that the driver supports, one in between, and the pinned one. */
const OLDER = ["2.1.100", "2.1.197"];

class Stage implements AsyncDisposable {
  #turns = 0;

  private constructor(
    readonly model: ModelServer,
    readonly home: ClaudeHome,
    readonly executable: string,
  ) {}

  static async set(
    { version, ...options }: Omit<ClaudeHomeOptions, "model"> & { version?: string } = {},
  ): Promise<Stage> {
    const executable = version === undefined ? await agentExecutable("claude") : await older(version);
    const model = ModelServer.start({ apis: [new AnthropicApi()] });
    return new Stage(model, new ClaudeHome({ model, ...options }), executable);
  }

  talk(prompt: string, plan: Partial<TurnPlan<ApprovalPolicy>> = {}): RunningTalk {
    return new RunningTalk({
      driver: claudeDriver,
      live: claudeLive,
      executable: this.executable,
      prompt,
      cwd: this.home.cwd,
      directory: `${this.home.path}/turn-${++this.#turns}`,
      env: this.home.env(),
      plan,
    });
  }

  at(name: string): string {
    return `${this.home.cwd}/${name}`;
  }

  has(name: string): boolean {
    return [...Deno.readDirSync(this.home.cwd)].some((entry) => entry.name === name);
  }

  /** What tools answered the model, as it has heard it by now. */
  toolResults(): string[] {
    return new AnthropicApi().toolResults(this.model.modelRequests().at(-1)?.body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
  }
}

function fixture(path: string): string {
  return fromFileUrl(new URL(`../fixtures/${path}`, import.meta.url));
}

function older(version: string): Promise<string> {
  return installFromNpm("@anthropic-ai/claude-code", { version, command: "claude", under: "agents" });
}

function ofType<Type extends EventBody["type"]>(
  { events }: { events: readonly EventBody[] },
  type: Type,
): Extract<EventBody, { type: Type }>[] {
  return events.filter((event): event is Extract<EventBody, { type: Type }> => event.type === type);
}

const use = (tool: string, args: Record<string, unknown>): Item => ({ kind: "tool", tool, arguments: args });

const COMPLETED = { status: "done", reason: "completed" } as const;

/** A later daemon that folds the same lines and inputs tells the same and says the same. */
function assertSameAgain(talk: RunningTalk): void {
  const again = refolded(claudeLive, talk);
  assert.deepEqual(again.events, talk.events);
  assert.deepEqual(again.said, talk.said);
  assert.deepEqual(again.asked, talk.asked);
}

Deno.test("claude talk: a command and a file are asked for, and done or not as the answer says", async () => {
  await using stage = await Stage.set();
  stage.model.script("default", [
    shell("ls"),
    shell("touch made.txt"),
    shell("touch refused.txt"),
    addFile(stage.at("new.txt"), "hello\n"),
    text("Tried."),
  ]);
  const talk = stage.talk("Try.");
  const made = await talk.question(0);
  assert.deepEqual({ ...made, question_id: "" }, {
    question_id: "",
    kind: "approval",
    title: "Run: touch made.txt",
    detail: "touch made.txt",
    options: [
      { id: "allow", label: "Allow this once", kind: "allow" },
      { id: "reject", label: "Reject", kind: "reject" },
    ],
  });
  talk.answer(made, { option: "allow" });
  const refused = await talk.question(1);
  assert.equal(stage.has("made.txt"), true);
  talk.answer(refused, { option: "reject", text: "Not that one." });
  const file = await talk.question(2);
  assert.deepEqual([file.title, file.detail], [
    `Write ${stage.at("new.txt")}`,
    `The whole of ${stage.at("new.txt")} becomes:\n+hello`,
  ]);
  assert.equal(stage.has("new.txt"), false);
  talk.answer(file, { option: "allow" });
  const run = await talk.ended;
  assert.deepEqual(run.verdict, COMPLETED);
  assert.deepEqual(run.terminal, { ok: true, result: "Tried." });
  assert.equal(stage.has("refused.txt"), false);
  assert.equal(stage.has("new.txt"), true);
  assert.match(stage.toolResults()[2] ?? "", /rejected this call.*The user says: Not that one\./);
  assert.deepEqual(
    ofType(run, "command").filter(({ state }) => state !== "started").map(({ command, state }) => [
      command,
      state,
    ]),
    [["ls", "completed"], ["touch made.txt", "completed"], ["touch refused.txt", "declined"]],
  );
  assert.deepEqual(ofType(run, "raw"), []);
  // Who rejected it knows.
  assert.deepEqual(ofType(run, "warning"), []);
  assertSameAgain(talk);
});

const LIBRARY = {
  question: "Which library?",
  header: "Library",
  multiSelect: false,
  options: [{ label: "Alpha", description: "the old one" }, { label: "Beta", description: "the new one" }],
};
const FEATURES = {
  question: "Which features?",
  header: "Features",
  multiSelect: true,
  options: [{ label: "Fast", description: "quick" }, { label: "Good", description: "well made" }],
};

for (const version of [undefined, ...OLDER]) {
  const name = version ?? "the pinned version";

  Deno.test(`claude talk: its user questions are answered by an option, several, or words, in ${name}`, async () => {
    await using stage = await Stage.set(version === undefined ? {} : { version });
    stage.model.script("default", [
      use("AskUserQuestion", { questions: [LIBRARY, FEATURES] }),
      use("AskUserQuestion", { questions: [LIBRARY] }),
      use("AskUserQuestion", { questions: [LIBRARY] }),
      text("I know."),
    ]);
    const talk = stage.talk("Ask.");
    const [library, features] = [await talk.question(0), await talk.question(1)];
    assert.deepEqual([library.kind, library.title, library.options.map(({ id, label }) => [id, label])], [
      "choice",
      "Which library?",
      [["1", "Alpha"], ["2", "Beta"], ["other", "None of these (say what, in words)"]],
    ]);
    assert.equal(library.detail, "[Library]\nWhich library?\n1. Alpha: the old one\n2. Beta: the new one");
    assert.deepEqual([features.kind, features.options.length], ["text", 2]);
    talk.answer(features, { text: "2, fast" });
    talk.answer(library, { option: "2", text: "in tests alone" });
    talk.answer(await talk.question(2), { option: "other", text: "Gamma, please." });
    const last = await talk.question(3);
    talk.apply({ kind: "refuse", question_id: last.question_id, why: "nobody is there" });
    const run = await talk.ended;
    assert.deepEqual(run.verdict, COMPLETED);
    const [first = "", second = "", third = ""] = stage.toolResults();
    assert.match(first, /"Which library\?"="Beta"/);
    assert.match(first, /in tests alone/);
    assert.match(first, /"Which features\?"="Good, Fast"/);
    assert.match(second, /"Which library\?"="Gamma, please\."/);
    assert.match(third, /Nobody answered: nobody is there\. Decide by yourself/);
    assertSameAgain(talk);
  });

  Deno.test(`claude talk: what is said while a command runs is known to the next answer, in ${name}`, async () => {
    await using stage = await Stage.set(version === undefined ? {} : { version });
    stage.model.script("default", [
      shell("touch running; while [ ! -e go ]; do sleep 0.05; done"),
      ({ body }) => text(JSON.stringify(body).includes("Use tabs.") ? "With tabs." : "Without."),
      ({ body }) => text(JSON.stringify(body).includes("Use tabs.") ? "With tabs." : "Without."),
    ]);
    const talk = stage.talk("Go.", { policy: "full-auto" });
    await eventually(() => stage.has("running"), { what: "the command to run" });
    talk.apply({ kind: "steer", key: "s1", text: "Use tabs." });
    await eventually(() => talk.steered.length > 0, { what: "the steer to be queued" });
    Deno.writeTextFileSync(stage.at("go"), "");
    const run = await talk.ended;
    assert.deepEqual(talk.steered, [{ key: "s1", how: "queued" }]);
    assert.deepEqual(run.terminal, { ok: true, result: "With tabs." });
    assert.deepEqual(run.verdict, COMPLETED);
    assert.deepEqual(ofType(run, "raw"), []);
    assertSameAgain(talk);
  });

  Deno.test(`claude talk: what is said while the model answers gets an answer of its own, in ${name}`, async () => {
    await using stage = await Stage.set(version === undefined ? {} : { version });
    const { promise, resolve } = Promise.withResolvers<void>();
    stage.model.script("default", [
      answer([text("The first.")], { after: promise }),
      answer([text("The second.")], { usage: { input: 50, cached: 0, output: 5, reasoning: 0 } }),
    ]);
    const talk = stage.talk("Go.");
    await eventually(() => stage.model.modelRequests().length > 0, { what: "the model to be asked" });
    talk.apply({ kind: "steer", key: "s1", text: "And then?" });
    await eventually(() => talk.steered.length > 0, { what: "the steer to be queued" });
    resolve();
    const run = await talk.ended;
    assert.deepEqual(run.terminal, { ok: true, result: "The second." });
    assert.deepEqual(run.verdict, COMPLETED);
    assert.deepEqual(ofType(run, "message").map((event) => event.text), ["The first.", "The second."]);
    // Both together.
    assert.equal(ofType(run, "usage").at(-1)?.usage.total_tokens, 165);
    assertSameAgain(talk);
  });

  Deno.test(`claude talk: an interruption ends the command and the talk, and what was queued, in ${name}`, async () => {
    await using stage = await Stage.set(version === undefined ? {} : { version });
    stage.model.script(
      "default",
      [shell("touch running; sleep 300 & sleep 301; wait")],
      answer([], { end: "hang" }),
    );
    const talk = stage.talk("Go.", { policy: "full-auto" });
    await eventually(() => stage.has("running"), { what: "the command to run" });
    talk.apply({ kind: "steer", key: "s1", text: "And this." });
    talk.apply({ kind: "interrupt" });
    const run = await talk.ended;
    assert.equal(run.terminal?.ok, false);
    const command = ofType(run, "command").at(-1);
    assert.equal(command?.state, "failed");
    // The oldest version ends the shell alone; in a job, what is left is ended by the variable that it carries.
    if (version === "2.1.100") { for (const pid of runningIn(stage.home.cwd)) sendSignal(pid, "SIGKILL"); }
    await eventually(() => runningIn(stage.home.cwd).length === 0, { what: "the command to end" });
    assertSameAgain(talk);
  });

  Deno.test(`claude talk: an interruption withdraws what is asked, in ${name}`, async () => {
    await using stage = await Stage.set(version === undefined ? {} : { version });
    stage.model.script("default", [shell("touch made.txt")]);
    const talk = stage.talk("Go.");
    const question = await talk.question(0);
    talk.apply({ kind: "interrupt" });
    const run = await talk.ended;
    assert.deepEqual(talk.withdrawn, [question.question_id]);
    assert.equal(run.terminal?.ok, false);
    assert.equal(stage.has("made.txt"), false);
    assertSameAgain(talk);
  });
}

Deno.test("claude talk: an interruption before anything has happened ends the talk", async () => {
  await using stage = await Stage.set();
  stage.model.script("default", [], answer([], { end: "hang" }));
  const talk = stage.talk("Go.");
  talk.apply({ kind: "interrupt" });
  const run = await talk.ended;
  assert.notEqual(run.verdict.status, "done");
});

/** Processes that have their working directory there. */
function runningIn(directory: string): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    try {
      return Deno.readLinkSync(`/proc/${pid}/cwd`) === directory;
    } catch {
      // No process, or one that has ended meanwhile.
      return false;
    }
  });
}

Deno.test("claude talk: prompts and steers arrive as given, whatever they begin with", async () => {
  await using stage = await Stage.set();
  for (const prompt of ["/compact it", "--help", "- a list", "#1 é 😀", "/no/such/command now"]) {
    const talk = stage.talk(prompt);
    const run = await talk.ended;
    assert.deepEqual(run.verdict, COMPLETED);
    assert.equal(stage.model.prompts().at(-1)?.replace(/^\n/, ""), prompt);
  }
});

Deno.test("claude talk: a follow-up is in the same session and costs only itself", async () => {
  await using stage = await Stage.set();
  const first = await stage.talk("Remember the word apple.").ended;
  const session = ofType(first, "session")[0]?.session_id;
  const usage = ofType(first, "usage").at(-1)?.session_usage;
  assert.ok(session !== undefined && usage !== undefined);
  const talk = new RunningTalk({
    driver: claudeDriver,
    live: claudeLive,
    executable: stage.executable,
    prompt: "Which word?",
    cwd: stage.home.cwd,
    directory: `${stage.home.path}/second`,
    env: stage.home.env(),
    plan: { sessionId: session },
    sessionUsage: usage,
  });
  const second = await talk.ended;
  assert.deepEqual(second.verdict, COMPLETED);
  assert.equal(ofType(second, "session")[0]?.session_id, session);
  const texts = new AnthropicApi().userTexts(stage.model.modelRequests().at(-1)?.body);
  assert.deepEqual(texts, ["Remember the word apple.", "Which word?"]);
  assert.equal(ofType(second, "usage").at(-1)?.usage.total_tokens, 110);
});

Deno.test("claude talk: failures of the model's server are named as in a one-way turn", async () => {
  await using stage = await Stage.set();
  const cases = [
    { step: refuse(401), reason: "auth_required" },
    { step: refuse(429), reason: "quota_exhausted" },
    { step: refuse(500), reason: "agent_error" },
    { step: refuse(404), reason: "agent_error" },
  ];
  for (const { step, reason } of cases) {
    stage.model.script("default", [], step);
    const { verdict } = await stage.talk("Go.").ended;
    assert.ok(verdict.status === "error", JSON.stringify(verdict));
    assert.equal(verdict.reason, reason);
  }
});

Deno.test("claude talk: an answer whose stream breaks in the middle is gone on with", async () => {
  await using stage = await Stage.set({ retries: 2 });
  stage.model.script("default", [cutStream([text("Half")])], text("Whole."));
  const run = await stage.talk("Go.").ended;
  assert.deepEqual(run.verdict, COMPLETED);
  assert.equal(ofType(run, "message").at(-1)?.text, "Whole.");
});

Deno.test("claude talk: without a login, and without the session that it is to continue, it ends and says so", async () => {
  await using stage = await Stage.set({ apiKey: null });
  const unknown = await stage.talk("Go.").ended;
  assert.ok(unknown.verdict.status === "error");
  assert.equal(unknown.verdict.reason, "auth_required");
  const gone = await stage.talk("Go.", { sessionId: crypto.randomUUID() }).ended;
  assert.ok(gone.verdict.status === "error");
  assert.match(gone.verdict.error, /No conversation found/);
});

Deno.test("claude talk: what the user's own rules allow is not asked for, what they forbid is not done", async () => {
  const permissions = {
    allow: ["Bash(touch *)"],
    deny: ["Bash(touch secret*)"],
    defaultMode: "bypassPermissions",
  };
  await using stage = await Stage.set({ settings: { permissions } });
  stage.model.script("default", [
    shell("touch allowed.txt"),
    shell("touch secret.txt"),
    shell("mkdir asked"),
    text("Done."),
  ]);
  const talk = stage.talk("Go.");
  const question = await talk.question(0);
  assert.equal(question.detail, "mkdir asked");
  talk.answer(question, { option: "allow" });
  assert.deepEqual((await talk.ended).verdict, COMPLETED);
  assert.equal(talk.asked.length, 1);
  assert.deepEqual(["allowed.txt", "secret.txt", "asked"].map((name) => stage.has(name)), [
    true,
    false,
    true,
  ]);
});

Deno.test("claude talk: nothing that came with the repository decides, and plan mode is not entered unasked", async () => {
  await using stage = await Stage.set();
  const settings = {
    permissions: { allow: ["Bash", "Write"] },
    hooks: { PreToolUse: [{ matcher: "*", hooks: [{ type: "command", command: "touch hooked" }] }] },
  };
  Deno.mkdirSync(stage.at(".claude"));
  Deno.writeTextFileSync(stage.at(".claude/settings.json"), JSON.stringify(settings));
  stage.model.script("default", [use("EnterPlanMode", {}), shell("touch asked.txt"), text("Done.")]);
  const talk = stage.talk("Go.");
  talk.answer(await talk.question(0), { option: "reject" });
  assert.deepEqual((await talk.ended).verdict, COMPLETED);
  assert.deepEqual(["hooked", "asked.txt"].map((name) => stage.has(name)), [false, false]);
  assert.match(stage.toolResults()[0] ?? "", /No such tool|not available|not exist|not enabled/i);
});

Deno.test("claude talk: git in another repository is asked for, and a .git is not changed at all", async () => {
  await using stage = await Stage.set();
  const other = `${stage.home.path}/other`;
  for (const directory of [stage.home.cwd, other]) {
    const { code } = await new Deno.Command("git", { args: ["init", "-q", directory] }).output();
    assert.equal(code, 0);
  }
  stage.model.script("default", [
    shell("git status --short"),
    shell(`cd ${other} && git status --short`),
    addFile(stage.at(".git/hooks/pre-commit"), "#!/bin/sh\n"),
    text("Done."),
  ]);
  const talk = stage.talk("Go.");
  const question = await talk.question(0);
  assert.match(question.detail, /^cd .*\n\nClaude Code asks because: /);
  talk.answer(question, { option: "reject" });
  const run = await talk.ended;
  assert.deepEqual([run.verdict, talk.asked.length], [COMPLETED, 1]);
  assert.deepEqual(
    ofType(run, "command").filter(({ state }) => state !== "started").map(({ state }) => state),
    ["completed", "declined"],
  );
  assert.equal(stage.has(".git"), true);
  assert.throws(() => Deno.statSync(stage.at(".git/hooks/pre-commit")), Deno.errors.NotFound);
});

for (const policy of ["suggest", "auto-edit"] as const) {
  Deno.test(`claude talk: under ${policy} nobody is asked, and what is not allowed is declined`, async () => {
    await using stage = await Stage.set();
    stage.model.script("default", [
      shell("bash -c 'echo x > shell.txt'"),
      use("AskUserQuestion", { questions: [LIBRARY] }),
      text("Tried."),
    ]);
    const talk = stage.talk("Try.", { policy });
    const run = await talk.ended;
    assert.deepEqual(run.verdict, COMPLETED);
    assert.deepEqual(talk.asked, []);
    assert.equal(stage.has("shell.txt"), false);
    assert.equal(ofType(run, "command").at(-1)?.state, "declined");
    assert.equal(ofType(run, "warning").length, 1);
    assertSameAgain(talk);
  });
}

Deno.test("claude talk: what an MCP server asks is a question, where somebody can be asked", async () => {
  const server = {
    type: "stdio",
    command: Deno.execPath(),
    args: ["run", "--no-lock", fixture("mcp/asking_server.ts")],
  };
  await using stage = await Stage.set({ mcpServers: { shop: server } });
  // The tool is there when its server has answered, which Claude Code does not wait for.
  const step: Step = ({ toolResults }) =>
    toolResults.some((result) => !/No such tool/.test(result))
      ? text("Asked.")
      : answer([mcpCall("shop", "ask_account")], { delayMs: 200 });
  stage.model.script("default", [], step);
  const talk = stage.talk("Ask.", { mcp: "inherit" });
  const first = await talk.question(0);
  assert.equal(first.title, "Use the tool ask_account of the MCP server shop");
  talk.answer(first, { option: "allow" });
  const second = await talk.question(1);
  assert.deepEqual([second.kind, second.title], ["choice", "The MCP server shop asks: Which account?"]);
  talk.answer(second, { option: "2" });
  assert.deepEqual((await talk.ended).verdict, COMPLETED);
  assert.match(stage.toolResults().at(-1) ?? "", /"action":"accept","content":\{"account":"bob"\}/);
  const unasked = stage.talk("Ask.", { mcp: "inherit", policy: "full-auto" });
  const run = await unasked.ended;
  assert.deepEqual([run.verdict, unasked.asked], [COMPLETED, []]);
  assert.match(stage.toolResults().at(-1) ?? "", /"action":"decline"|"action":"cancel"|not support/);
});

Deno.test("claude talk: a channel that is cut leaves a question without an answer, and nothing is done for it", async () => {
  await using stage = await Stage.set();
  stage.model.script("default", [shell("touch made.txt"), text("Done.")]);
  const talk = stage.talk("Go.");
  await talk.question(0);
  talk.cut();
  const run = await talk.ended;
  assert.equal(stage.has("made.txt"), false);
  assert.equal(ofType(run, "command").at(-1)?.state, "declined");
  // It says success all the same: whoever closed the channel without an order must know better.
  assert.deepEqual([run.code, run.terminal?.ok], [0, true]);
});

Deno.test("claude talk: two subagents ask at the same time, and are answered in the other order", async () => {
  await using stage = await Stage.set();
  const subagent = (name: string): Item =>
    use("Task", { description: name, prompt: `You are ${name}.`, subagent_type: "general-purpose" });
  // Which of the three conversations asks, and how far it is.
  stage.model.script("default", [], ({ userTexts, toolResults }) => {
    const name = /You are (one|two)\./.exec(userTexts.join("\n"))?.[1];
    if (name !== undefined) {
      return toolResults.length === 0 ? shell(`touch ${name}`) : text(`${name} is done.`);
    }
    return toolResults.length === 0 ? answer([subagent("one"), subagent("two")]) : text("Both are done.");
  });
  const talk = stage.talk("Go.");
  const asked = [await talk.question(0), await talk.question(1)];
  assert.deepEqual(asked.map(({ title }) => title).sort(), ["Run: touch one", "Run: touch two"]);
  assert.equal(new Set(asked.map(({ question_id }) => question_id)).size, 2);
  for (const question of asked.reverse()) {
    talk.answer(question, { option: question.title.endsWith("one") ? "allow" : "reject" });
  }
  const run = await talk.ended;
  assert.deepEqual(run.terminal, { ok: true, result: "Both are done." });
  assert.deepEqual(["one", "two"].map((name) => stage.has(name)), [true, false]);
  assertSameAgain(talk);
});
