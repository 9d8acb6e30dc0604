/**
 * Tests of room `agents`: the driver's command lines with the real Claude Code and the scripted model.
 *
 * @module
 */
import assert from "node:assert/strict";
import { claudeDriver } from "../../src/agents/claude/driver.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import type { Usage } from "../../src/domain/turn/usage.ts";
import { AnthropicApi } from "../model/anthropic_api.ts";
import {
  addFile,
  answer,
  cutStream,
  type Item,
  mcpCall,
  plan,
  reasoning,
  refuse,
  shell,
  text,
} from "../model/scenario.ts";
import { ModelServer } from "../model/server.ts";
import { agentExecutable } from "../support/agents.ts";
import { ClaudeHome, type ClaudeHomeOptions } from "../support/claude_home.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { readAll } from "../support/recorded.ts";
import { type DriverRun, runDriver, type RunningDriver, startDriver } from "../support/run_driver.ts";
import { ensureTmux, terminalScript, TmuxTerminal } from "../support/tmux.ts";
import { sendSignal } from "../support/signals.ts";

const isRoot = Deno.uid() === 0;

class Stage implements AsyncDisposable {
  #turns = 0;

  private constructor(
    readonly model: ModelServer,
    readonly home: ClaudeHome,
    readonly executable: string,
  ) {}

  static async set(options: Omit<ClaudeHomeOptions, "model"> = {}): Promise<Stage> {
    const executable = await agentExecutable("claude");
    const model = ModelServer.start({ apis: [new AnthropicApi()] });
    return new Stage(model, new ClaudeHome({ model, ...options }), executable);
  }

  turn(prompt: string, over: Partial<TurnPlan> = {}): Promise<DriverRun> {
    return runDriver(this.#options(prompt, over));
  }

  start(prompt: string, over: Partial<TurnPlan> = {}): RunningDriver {
    return startDriver(this.#options(prompt, over));
  }

  /** A path in the working directory. */
  at(name: string): string {
    return `${this.home.cwd}/${name}`;
  }

  file(name: string): string | null {
    try {
      return Deno.readTextFileSync(this.at(name));
    } catch {
      return null;
    }
  }

  #options(prompt: string, over: Partial<TurnPlan>) {
    return {
      driver: claudeDriver,
      executable: this.executable,
      prompt,
      cwd: this.home.cwd,
      directory: `${this.home.path}/turn-${++this.#turns}`,
      env: this.home.env(),
      plan: { isRoot, ...over },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
  }
}

function ofType<Type extends EventBody["type"]>(
  run: { events: readonly EventBody[] },
  type: Type,
): Extract<EventBody, { type: Type }>[] {
  return run.events.filter((event): event is Extract<EventBody, { type: Type }> => event.type === type);
}

const use = (tool: string, args: Record<string, unknown>): Item => ({ kind: "tool", tool, arguments: args });

const COMPLETED = { status: "done", reason: "completed" } as const;

Deno.test("claude end to end: reasoning, text, command, new file, edit and usage", async () => {
  await using stage = await Stage.set();
  Deno.writeTextFileSync(stage.at("old.txt"), "one\ntwo\n");
  stage.model.script("default", [
    answer([reasoning("First look."), text("I look."), shell("echo seen")]),
    addFile(stage.at("new.txt"), "fresh\n"),
    use("Read", { file_path: stage.at("old.txt") }),
    {
      kind: "patch",
      patch: `*** Begin Patch\n*** Update File: ${stage.at("old.txt")}\n-two\n+TWO\n*** End Patch\n`,
    },
    answer([text("All done.")], { usage: { input: 200, cached: 50, output: 7, reasoning: 0 } }),
  ]);
  const run = await stage.turn("Do it all.");
  assert.deepEqual(run.verdict, COMPLETED);
  assert.deepEqual(run.terminal, { ok: true, result: "All done." });
  assert.equal(stage.file("new.txt"), "fresh\n");
  assert.equal(stage.file("old.txt"), "one\nTWO\n");
  assert.equal(ofType(run, "reasoning")[0]?.text, "First look.");
  assert.deepEqual(ofType(run, "message").map((event) => event.text), ["I look.", "All done."]);
  const [, command] = ofType(run, "command");
  assert.deepEqual(
    { ...command, id: "" },
    { type: "command", id: "", state: "completed", command: "echo seen", exit_code: 0, output: "seen" },
  );
  assert.deepEqual(
    ofType(run, "file_change").filter(({ state }) => state === "completed").flatMap(({ changes }) => changes),
    [{ path: stage.at("new.txt"), kind: "add" }, { path: stage.at("old.txt"), kind: "update" }],
  );
  const { cost_usd: _cost, ...tokens } = ofType(run, "usage").at(-1)?.usage ?? {};
  assert.deepEqual(tokens, {
    input_tokens: 600,
    cached_input_tokens: 130,
    output_tokens: 47,
    reasoning_tokens: 0,
    total_tokens: 647,
  });
  assert.deepEqual(ofType(run, "raw"), []);
  assert.deepEqual(ofType(run, "warning"), []);
});

Deno.test("claude end to end: a plan, with a model that is offered the tools for one", async () => {
  await using stage = await Stage.set();
  stage.model.script("default", [plan([{ text: "step", done: false }]), text("Planned.")]);
  // 2.1.332 offers them to its earlier models alone.
  const run = await stage.turn("Plan it.", { model: "claude-3-5-sonnet-20241022" });
  assert.deepEqual(run.verdict, COMPLETED);
  assert.deepEqual(ofType(run, "plan").at(-1)?.items, [{ text: "step", done: false }]);
});

Deno.test("claude end to end: prompts arrive as given, whatever they begin with", async () => {
  await using stage = await Stage.set();
  for (const prompt of ["/compact it", "--help", "- a list", "#1 é 😀", "/no/such/command now"]) {
    assert.deepEqual((await stage.turn(prompt)).verdict, COMPLETED);
    const asked = stage.model.prompts().at(-1);
    assert.equal(asked?.replace(/^\n/, ""), prompt);
  }
});

Deno.test("claude end to end: a follow-up is in the same session and costs only itself", async () => {
  await using stage = await Stage.set();
  const first = await stage.turn("Remember the word apple.");
  const session = ofType(first, "session")[0]?.session_id;
  assert.ok(session !== undefined);
  const usage: Usage | undefined = ofType(first, "usage").at(-1)?.session_usage;
  assert.ok(usage !== undefined);
  const second = await stage.turn("Which word?", { sessionId: session });
  assert.deepEqual(second.verdict, COMPLETED);
  assert.equal(ofType(second, "session")[0]?.session_id, session);
  const texts = new AnthropicApi().userTexts(stage.model.modelRequests().at(-1)?.body);
  assert.deepEqual(texts, ["Remember the word apple.", "Which word?"]);
  const again = readAll(claudeDriver, second.stdout.split("\n"), {
    sessionId: session,
    sessionUsage: usage,
    startedAt: 0,
  });
  assert.equal(ofType(again, "usage").at(-1)?.usage.total_tokens, 110);
});

Deno.test("claude end to end: a session that is gone is a failure that says so", async () => {
  await using stage = await Stage.set();
  const run = await stage.turn("Go on.", { sessionId: crypto.randomUUID() });
  assert.equal(run.verdict.status, "error");
  assert.ok(run.verdict.status === "error");
  assert.match(run.verdict.error, /No conversation found/);
  assert.match(run.verdict.hint ?? "", /start a new job/);
});

Deno.test("claude end to end: failures of the model's server", async () => {
  await using stage = await Stage.set();
  const cases = [
    { step: refuse(401), reason: "auth_required", hint: /claude auth login/ },
    { step: refuse(429), reason: "quota_exhausted", hint: /usage limit/ },
    { step: refuse(500), reason: "agent_error", hint: /continue later/ },
    { step: refuse(404), reason: "agent_error", hint: /Name a model/ },
    {
      step: refuse(429, {
        type: "error",
        error: { type: "rate_limit_error", message: "Claude AI usage limit reached|1999999999" },
      }),
      reason: "quota_exhausted",
      hint: /after retry_at/,
    },
  ];
  for (const { step, reason, hint } of cases) {
    stage.model.script("default", [], step);
    const run = await stage.turn("Go.");
    assert.ok(run.verdict.status === "error", JSON.stringify(run.verdict));
    assert.equal(run.verdict.reason, reason);
    assert.match(run.verdict.hint ?? "", hint);
    assert.ok(ofType(run, "error").some(({ transient }) => !transient));
  }
});

Deno.test("claude end to end: a retry that succeeds is no failure", async () => {
  await using stage = await Stage.set({ retries: 2 });
  stage.model.script("default", [refuse(500)], text("Recovered."));
  const run = await stage.turn("Go.");
  assert.deepEqual(run.verdict, COMPLETED);
  assert.deepEqual(ofType(run, "error").map(({ transient }) => transient), [true]);
});

Deno.test("claude end to end: an answer whose stream breaks in the middle is gone on with", async () => {
  await using stage = await Stage.set({ retries: 2 });
  stage.model.script("default", [cutStream([text("Half")])], text("Whole."));
  const run = await stage.turn("Go.");
  assert.deepEqual(run.verdict, COMPLETED);
  // Whether what had come before is told depends on when it broke.
  assert.equal(ofType(run, "message").at(-1)?.text, "Whole.");
  assert.deepEqual(ofType(run, "raw"), []);
});

Deno.test("claude end to end: without a login it asks for one, and its login check agrees", async () => {
  await using stage = await Stage.set({ apiKey: null });
  const run = await stage.turn("Go.");
  assert.ok(run.verdict.status === "error");
  assert.equal(run.verdict.reason, "auth_required");
  const { login } = claudeDriver;
  assert.ok(login !== undefined);
  const isLoggedIn = async (env: Record<string, string>) => {
    const { code, stdout, stderr } = await new Deno.Command(stage.executable, {
      args: [...login.args],
      clearEnv: true,
      env,
    }).output();
    const decoder = new TextDecoder();
    return login.read(code, decoder.decode(stdout), decoder.decode(stderr));
  };
  assert.equal(await isLoggedIn(stage.home.env()), false);
  assert.equal(await isLoggedIn({ ...stage.home.env(), ANTHROPIC_API_KEY: "x" }), true);
});

/** Every way to write, one after the other; the answer comes last. */
function writes(stage: Stage, outside: string): Item[] {
  return [
    use("Write", { file_path: stage.at("written.txt"), content: "x\n" }),
    shell(`touch ${stage.at("touched.txt")}`),
    shell("bash -c 'echo x > shell.txt'"),
    use("Write", { file_path: outside, content: "x\n" }),
    shell("git status --short"),
    text("Tried."),
  ];
}

/** The user's own rules: they widen nothing that a policy forbids. */
const PERMISSIVE = {
  disableAllHooks: true,
  permissions: {
    allow: ["Write", "Edit", "Bash(touch *)", "Bash(bash *)"],
    defaultMode: "bypassPermissions",
  },
};

async function tryWriting(policy: TurnPlan["policy"], settings?: Record<string, unknown>) {
  await using stage = await Stage.set(settings === undefined ? {} : { settings });
  const git = await new Deno.Command("git", { args: ["init", "-q"], cwd: stage.home.cwd }).output();
  assert.equal(git.code, 0);
  const outside = `${stage.home.path}/outside.txt`;
  stage.model.script("default", writes(stage, outside));
  const run = await stage.turn("Try.", { policy });
  assert.deepEqual(run.verdict, COMPLETED);
  assert.deepEqual(run.terminal, { ok: true, result: "Tried." });
  const status = ofType(run, "command").filter((event) => event.command.startsWith("git")).at(-1);
  assert.equal(status?.state, "completed");
  const there = ["written.txt", "touched.txt", "shell.txt", "../home/outside.txt"]
    .filter((name) => stage.file(name) !== null);
  const declined = ofType(run, "command").filter(({ state }) => state === "declined").length;
  return { there, declined, warnings: ofType(run, "warning").length };
}

Deno.test("claude end to end: suggest writes nothing, whatever the user's own rules allow", async () => {
  assert.deepEqual(await tryWriting("suggest"), { there: [], declined: 2, warnings: 1 });
  assert.deepEqual(await tryWriting("suggest", PERMISSIVE), { there: [], declined: 2, warnings: 1 });
});

Deno.test("claude end to end: auto-edit writes in the workspace", async () => {
  const { there, declined } = await tryWriting("auto-edit");
  assert.deepEqual({ there, declined }, { there: ["written.txt", "touched.txt"], declined: 1 });
});

Deno.test("claude end to end: full-auto writes everywhere, as the superuser too", async () => {
  assert.deepEqual(await tryWriting("full-auto"), {
    there: ["written.txt", "touched.txt", "shell.txt", "../home/outside.txt"],
    declined: 0,
    warnings: 0,
  });
});

Deno.test("claude end to end: nothing is put off until after the answer", async () => {
  await using stage = await Stage.set();
  const later = { delaySeconds: 60, reason: "The build runs.", prompt: "Look again." };
  stage.model.script("default", [
    use("ScheduleWakeup", later),
    use("Bash", { command: "sleep 60", run_in_background: true }),
    use("CronCreate", { cron: "* * * * *", prompt: "Look again.", recurring: false }),
    text("Nothing is left to be done."),
  ]);
  const run = await stage.turn("Build it.", { policy: "full-auto" });
  assert.deepEqual(run.verdict, COMPLETED);
  const ends = run.events.flatMap((event) =>
    event.type === "tool_call" || event.type === "command" ? [event.state] : []
  );
  assert.deepEqual(ends, ["started", "failed", "started", "failed", "started", "failed"]);
});

Deno.test("claude end to end: suggest keeps what the user's own rules forbid", async () => {
  await using stage = await Stage.set({ settings: { permissions: { deny: ["Read(./secret.txt)"] } } });
  Deno.writeTextFileSync(stage.at("secret.txt"), "hidden");
  stage.model.script("default", [
    use("Read", { file_path: stage.at("secret.txt") }),
    shell("cat secret.txt"),
  ]);
  const run = await stage.turn("Read.", { policy: "suggest" });
  assert.deepEqual(run.verdict, COMPLETED);
  assert.equal(JSON.stringify(stage.model.modelRequests().at(-1)?.body).includes("hidden"), false);
});

Deno.test("claude end to end: the user's MCP servers start only when they are inherited", async () => {
  const server = fromFileUrl(new URL("../fixtures/scripted_mcp_server.ts", import.meta.url));
  const started = "mcp-started";
  await using stage = await Stage.set({
    mcpServers: {
      notes: {
        type: "stdio",
        command: "/bin/sh",
        args: ["-c", `touch "$HOME/${started}"; exec "$0" run -A "$1"`, Deno.execPath(), server],
        // The compiled dependencies are in this process's own cache.
        env: { DENO_DIR: await denoDir(), MCP_TIMEOUT: "30000" },
      },
    },
  });
  const hasStarted = () => stage.file(`../home/${started}`) !== null;
  await stage.turn("Go.", { mcp: "none" });
  assert.equal(hasStarted(), false);
  // The tool is there when the server has answered, which this version does not wait for.
  stage.model.script("default", [shell("sleep 2"), mcpCall("notes", "queue_status")]);
  const run = await stage.turn("Use it.", { mcp: "inherit", policy: "full-auto" });
  assert.equal(hasStarted(), true);
  const call = ofType(run, "tool_call").at(-1);
  assert.equal(call?.server, "notes");
  assert.equal(call?.tool, "queue_status");
  assert.equal(call?.state, "completed");
  assert.match(call?.result ?? "", /./);
});

async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const info: { denoDir: string } = JSON.parse(new TextDecoder().decode(stdout));
  return info.denoDir;
}

Deno.test({
  name: "claude end to end: its graceful signal ends it and the command that runs",
  // Looks for what is left in /proc.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using stage = await Stage.set();
    stage.model.script("default", [shell("touch running; sleep 300 & sleep 301; wait")]);
    const running = stage.start("Go.", { policy: "full-auto" });
    await eventually(() => stage.file("running") !== null, { what: "the command to run" });
    sendSignal(running.pid, claudeDriver.gracefulSignal);
    const run = await running.ended;
    assert.notEqual(run.verdict.status, "done");
    const command = ofType(run, "command").at(-1);
    assert.deepEqual([command?.state, command?.output], ["failed", "interrupted"]);
    await eventually(() => !isRunningIn(stage.home.cwd), { what: "the command to end" });
  },
});

/** Whether any process has its working directory there. */
function isRunningIn(directory: string): boolean {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Deno.readLinkSync(`/proc/${name}/cwd`) === directory) return true;
    } catch {
      // It has ended meanwhile.
    }
  }
  return false;
}

const NAME = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };

Deno.test("claude end to end: an answer in a form is the result, also where only reading is allowed", async () => {
  await using stage = await Stage.set();
  for (const policy of ["suggest", "auto-edit"] as const) {
    stage.model.script("default", [use("StructuredOutput", { name: "bob" }), text("Said.")]);
    const run = await stage.turn("Who?", { policy, resultSchema: NAME });
    assert.deepEqual(run.verdict, COMPLETED);
    assert.deepEqual(run.terminal, { ok: true, result: '{"name":"bob"}' });
    assert.deepEqual(ofType(run, "warning"), []);
  }
});

Deno.test("claude end to end: a schema that is taken is one that Claude Code starts with", async () => {
  await using stage = await Stage.set();
  const resultSchema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    title: "All words",
    $defs: { n: { enum: ["a", 1] } },
    properties: {
      all: { type: "array", items: { anyOf: [{ $ref: "#/$defs/n" }, { type: "null" }] }, maxItems: 3 },
      some: { type: "object", additionalProperties: { type: ["number", "null"] }, minProperties: 0 },
      text: { type: "string", minLength: 1, maxLength: 9, default: "x", description: "a text" },
      count: { type: "integer", minimum: 0, exclusiveMaximum: 9, multipleOf: 1, const: 3 },
    },
    required: ["all"],
  };
  assert.equal(claudeDriver.takesResultSchema?.(resultSchema), true);
  const answer = { all: ["a", 1, null], some: { x: null }, text: "t", count: 3 };
  stage.model.script("default", [use("StructuredOutput", answer)]);
  const run = await stage.turn("All.", { resultSchema });
  assert.deepEqual(run.verdict, COMPLETED);
  assert.deepEqual(run.terminal, { ok: true, result: JSON.stringify(answer) });
});

Deno.test("claude end to end: a person goes on with a job's session at a terminal, and the next turn knows of it", async () => {
  await ensureTmux();
  await using stage = await Stage.set();
  stage.model.script("default", [text("I know seven."), text("At your service.")], text("Both."));
  const first = await stage.turn("Remember 7.");
  const sessionId = ofType(first, "session")[0]?.session_id ?? "";
  const { cwd, path } = stage.home;
  // What its first run at a terminal asks for, but for the key, which is no real one.
  const known = {
    hasCompletedOnboarding: true,
    theme: "dark",
    projects: { [cwd]: { hasTrustDialogAccepted: true } },
    customApiKeyResponses: { approved: ["scripted"], rejected: [] },
  };
  Deno.writeTextFileSync(`${path}/.claude.json`, JSON.stringify(known));
  const plan = { executable: stage.executable, version: null, cwd, policy: "suggest", model: null } as const;
  const command = claudeDriver.interactive?.({ ...plan, sessionId });
  const script = `${path}/go-on`;
  terminalScript(script, `exec '${stage.executable}' ${command?.args.map((word) => `'${word}'`).join(" ")}`);
  {
    await using terminal = await TmuxTerminal.open({ columns: 100, rows: 40, cwd, env: stage.home.env() });
    await terminal.enter(script);
    await terminal.until(/I know seven\./, "the conversation of the job");
    await terminal.type("Hello from a person");
    await terminal.until(/Hello from a person/, "what was typed");
    await terminal.press("Enter");
    await terminal.until(/At your service\./, "an answer");
    await terminal.pressUntil("C-c", /ready> $|--resume/, "that Claude Code has left");
  }
  const next = await stage.turn("And now?", { sessionId });
  assert.equal(ofType(next, "session")[0]?.session_id, sessionId);
  const asked = JSON.stringify(stage.model.modelRequests().at(-1)?.body);
  assert.ok(asked.includes("Hello from a person") && asked.includes("Remember 7."));
});
