/**
 * Tests of room `agents`: the driver's command lines with the real Codex CLI and the scripted model.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AgentCatalog } from "../../src/agents/detection/catalog.ts";
import { codexDriver } from "../../src/agents/codex/driver.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import type { Usage } from "../../src/domain/turn/usage.ts";
import { AgentProbe } from "../../src/system/agent_probe.ts";
import {
  addFile,
  answer,
  cutStream,
  mcpCall,
  plan,
  reasoning,
  refuse,
  shell,
  text,
  usageLimit,
} from "../model/scenario.ts";
import { ModelServer } from "../model/server.ts";
import { agentExecutable, pinnedVersion } from "../support/agents.ts";
import { CodexHome, type CodexHomeOptions } from "../support/codex_home.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { readAll } from "../support/recorded.ts";
import { type DriverRun, runDriver } from "../support/run_driver.ts";
import { ensureTmux, terminalScript, TmuxTerminal } from "../support/tmux.ts";

/** A model, a home for Codex and its executable, as detection finds it. */
class Stage implements AsyncDisposable {
  #turns = 0;

  private constructor(
    readonly model: ModelServer,
    readonly home: CodexHome,
    readonly catalog: AgentCatalog,
    readonly executable: string,
  ) {}

  static async set(options: Omit<CodexHomeOptions, "model"> = {}): Promise<Stage> {
    const command = await agentExecutable("codex");
    const model = ModelServer.start();
    const home = new CodexHome({ model, ...options });
    const catalog = new AgentCatalog({
      drivers: () => [codexDriver],
      probe: new AgentProbe(),
      settings: () => ({ codex: { command } }),
    });
    const { executable } = await catalog.detect("codex", home.env());
    assert.ok(executable !== null);
    return new Stage(model, home, catalog, executable);
  }

  turn(prompt: string, over: Partial<TurnPlan> & { env?: Record<string, string> } = {}): Promise<DriverRun> {
    const { env = {}, ...given } = over;
    return runDriver({
      driver: codexDriver,
      executable: this.executable,
      prompt,
      cwd: this.home.cwd,
      directory: `${this.home.path}/turn-${++this.#turns}`,
      env: { ...this.home.env(), ...env },
      plan: given,
    });
  }

  /** The content of a file in the working directory; `null` when there is none. */
  file(name: string): string | null {
    try {
      return Deno.readTextFileSync(`${this.home.cwd}/${name}`);
    } catch {
      return null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
  }
}

function sessionOf(run: DriverRun): string {
  const event = run.events.find(({ type }) => type === "session");
  assert.ok(event?.type === "session");
  return event.session_id;
}

function usageOf(run: DriverRun): Usage | undefined {
  const event = run.events.findLast(({ type }) => type === "usage");
  return event?.type === "usage" ? event.usage : undefined;
}

const MODEL_WARNING = /Model metadata/;

Deno.test("codex e2e: detection finds the native binary, its version and that nobody is logged in", async () => {
  await using stage = await Stage.set();
  assert.match(stage.executable, /codex-\w+-\w+\/vendor\/[^/]+\/bin\/codex$/);
  const detection = await stage.catalog.detect("codex", stage.home.env());
  assert.deepEqual([detection.available, detection.version], [true, pinnedVersion("codex")]);
  assert.equal(await stage.catalog.isLoggedIn("codex", stage.home.env()), false);
});

Deno.test("codex e2e: reasoning, a command, a patch and an answer, with the usage of all its requests", async () => {
  await using stage = await Stage.set({ scenario: "work" });
  stage.model.script("work", [
    answer([reasoning("**Looking** around"), shell("echo out; echo 'it''s'; exit 3")]),
    addFile("new.txt", "hello\n"),
    answer([text("All done.")], { usage: { input: 300, cached: 200, output: 30, reasoning: 7 } }),
  ]);
  const run = await stage.turn("Please work.\nSecond line.");
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(run.verdict, { status: "done", reason: "completed" });
  assert.deepEqual(
    run.events.filter((event) => event.type !== "warning" || !MODEL_WARNING.test(event.message)),
    [
      { type: "session", session_id: sessionOf(run) },
      { type: "reasoning", text: "**Looking** around" },
      { type: "command", id: "item_2", state: "started", command: "echo out; echo 'it''s'; exit 3" },
      {
        type: "command",
        id: "item_2",
        state: "failed",
        command: "echo out; echo 'it''s'; exit 3",
        exit_code: 3,
        output: "out\nits\n",
      },
      {
        type: "file_change",
        id: "item_3",
        state: "started",
        changes: [{ path: `${stage.home.cwd}/new.txt`, kind: "add" }],
      },
      {
        type: "file_change",
        id: "item_3",
        state: "completed",
        changes: [{ path: `${stage.home.cwd}/new.txt`, kind: "add" }],
      },
      { type: "message", text: "All done." },
      {
        type: "usage",
        usage: {
          input_tokens: 500,
          cached_input_tokens: 240,
          output_tokens: 50,
          reasoning_tokens: 13,
          total_tokens: 550,
        },
        session_usage: {
          input_tokens: 500,
          cached_input_tokens: 240,
          output_tokens: 50,
          reasoning_tokens: 13,
          total_tokens: 550,
        },
      },
    ],
  );
  assert.equal(stage.file("new.txt"), "hello\n");
  assert.deepEqual(stage.model.prompts("work"), ["Please work.\nSecond line."]);
});

Deno.test("codex e2e: a reply continues the session and pays for itself alone", async () => {
  await using stage = await Stage.set();
  const first = await stage.turn("Remember 7. [[scenario first]]");
  const sessionId = sessionOf(first);
  stage.model.script("second", [
    answer([text("7")], { usage: { input: 50, cached: 5, output: 4, reasoning: 1 } }),
  ]);
  const second = await stage.turn("Which number? [[scenario second]]", { sessionId, policy: "suggest" });
  assert.equal(sessionOf(second), sessionId);
  const [request] = stage.model.modelRequests("second");
  assert.ok(JSON.stringify(request?.body).includes("Remember 7."));
  const { events } = readAll(codexDriver, second.stdout.split("\n"), {
    sessionId,
    sessionUsage: usageOf(first) ?? null,
    startedAt: 0,
  });
  assert.deepEqual(events.findLast(({ type }) => type === "usage"), {
    type: "usage",
    usage: {
      input_tokens: 50,
      cached_input_tokens: 5,
      output_tokens: 4,
      reasoning_tokens: 1,
      total_tokens: 54,
    },
    session_usage: {
      input_tokens: 150,
      cached_input_tokens: 25,
      output_tokens: 14,
      reasoning_tokens: 4,
      total_tokens: 164,
    },
  });
});

Deno.test("codex e2e: a session that is gone is told apart, and nothing new is begun", async () => {
  await using stage = await Stage.set();
  const run = await stage.turn("Go on.", { sessionId: "01a1f8bc-80ec-7be1-92bf-a8d8c3e533f0" });
  assert.equal(run.verdict.status === "error" && run.verdict.reason, "agent_error");
  assert.match(run.verdict.status === "error" ? run.verdict.hint ?? "" : "", /start a new job/);
  assert.deepEqual(stage.model.requests, []);
});

Deno.test("codex e2e: a session id that Codex takes for a name is noticed", async () => {
  await using stage = await Stage.set();
  const run = await stage.turn("Go on.", { sessionId: "no-such-session" });
  assert.equal(run.code, 0);
  assert.match(run.verdict.status === "error" ? run.verdict.error : "", /The session was not continued/);
});

Deno.test("codex e2e: what each policy may write", async () => {
  await using stage = await Stage.set();
  const outside = `${stage.home.path}/outside.txt`;
  for (const policy of ["suggest", "auto-edit", "full-auto"] as const) {
    stage.model.script(policy, [
      shell(`echo ${policy} > inside-${policy}.txt; echo ${policy} >> ${outside}; true`),
    ]);
    const run = await stage.turn(`Write. [[scenario ${policy}]]`, { policy });
    assert.equal(run.verdict.status, "done", run.stderr);
  }
  assert.deepEqual(
    ["suggest", "auto-edit", "full-auto"].map((policy) => stage.file(`inside-${policy}.txt`)),
    [null, "auto-edit\n", "full-auto\n"],
  );
  assert.equal(Deno.readTextFileSync(outside), "full-auto\n");
});

Deno.test("codex e2e: refusals of the model's server have their reason", async () => {
  await using stage = await Stage.set();
  const soon = Math.floor(Date.now() / 1000) + 3 * 86_400;
  stage.model.script("401", [], refuse(401));
  stage.model.script("429", [], refuse(429));
  stage.model.script("limit", [], usageLimit({ resetsAtSeconds: soon }));
  stage.model.script("500", [], refuse(500));
  stage.model.script("cut", [], cutStream([text("half")]));
  const reasons = {
    "401": "auth_required",
    "429": "quota_exhausted",
    "limit": "quota_exhausted",
    "500": "agent_error",
    "cut": "agent_error",
  };
  const found: Record<string, string> = {};
  for (const name of Object.keys(reasons)) {
    const run = await stage.turn(`Try. [[scenario ${name}]]`);
    assert.equal(run.code, 1);
    found[name] = run.verdict.reason;
    if (name !== "limit" || run.verdict.status !== "error") continue;
    // Codex tells minutes.
    assert.equal(run.verdict.retry_at, Math.floor(soon / 60) * 60_000, run.verdict.error);
  }
  assert.deepEqual(found, reasons);
});

Deno.test("codex e2e: a stream that breaks once is transient", async () => {
  await using stage = await Stage.set({ scenario: "flaky", retries: 2 });
  stage.model.script("flaky", [cutStream(), text("recovered")]);
  const run = await stage.turn("Try.");
  assert.equal(run.verdict.status, "done");
  assert.ok(run.events.some((event) => event.type === "error" && event.transient));
  assert.equal(stage.model.modelRequests().length, 2);
});

Deno.test("codex e2e: a refused connection ends, instead of being tried for ever", async () => {
  await using stage = await Stage.set();
  await stage.model[Symbol.asyncDispose]();
  const run = await stage.turn("Try.");
  assert.equal(run.code, 1);
  assert.match(run.verdict.status === "error" ? run.verdict.hint ?? "" : "", /check the network/);
});

Deno.test("codex e2e: MCP servers of the user start only when the worker may have them", async () => {
  await using stage = await Stage.set({
    config: `[mcp_servers.first]
command = "/bin/sh"
args = ["-c", "echo first >> \\"$HOME/mcp-started\\"; exec cat >/dev/null"]

[mcp_servers.second-one]
command = "/bin/sh"
args = ["-c", "echo second >> \\"$HOME/mcp-started\\"; exec cat >/dev/null"]

[mcp_servers.off]
command = "/bin/sh"
enabled = false
`,
  });
  const started = () => {
    try {
      return Deno.readTextFileSync(`${stage.home.path}/mcp-started`).trim().split("\n").sort();
    } catch {
      return [];
    }
  };
  const mcpServers = await stage.catalog.mcpServers("codex", { env: stage.home.env(), cwd: stage.home.cwd });
  assert.deepEqual(mcpServers, ["first", "second-one"]);
  // Long enough for a server to start: in the control below they do so before the first model request is answered.
  stage.model.script("isolated", [answer([text("done")], { delayMs: 1_000 })]);
  const isolated = await stage.turn("Go. [[scenario isolated]]", { mcp: "none", mcpServers });
  assert.equal(isolated.verdict.status, "done", isolated.stderr);
  assert.deepEqual(started(), []);
  const both = eventually(() => started().length === 2, { what: "both MCP servers" });
  stage.model.script("control", [answer([text("done")], { after: both })]);
  const control = await stage.turn("Go. [[scenario control]]", { mcp: "inherit" });
  await both;
  assert.equal(control.verdict.status, "done", control.stderr);
  assert.deepEqual(started(), ["first", "second"]);
});

Deno.test("codex e2e: a tool of an MCP server that the worker may have", async () => {
  const server = fromFileUrl(new URL("../fixtures/stub_mcp_server.ts", import.meta.url));
  await using stage = await Stage.set({
    scenario: "tools",
    config: `[mcp_servers.notes]
command = "${Deno.execPath()}"
args = ["run", "-A", "--no-config", "${server}"]
required = true
`,
  });
  stage.model.script("tools", [mcpCall("notes", "read_notes", { topic: "x" })]);
  const run = await stage.turn("Use it.", { mcp: "inherit" });
  assert.equal(run.verdict.status, "done", run.stderr);
  const call = { type: "tool_call", server: "notes", tool: "read_notes", arguments: { topic: "x" } } as const;
  const [first, second] = run.events.filter(({ type }) => type === "tool_call");
  assert.ok(first?.type === "tool_call");
  assert.deepEqual([first, second], [
    { ...call, id: first.id, state: "started" },
    { ...call, id: first.id, state: "completed", result: 'notes on {"topic":"x"}' },
  ]);
});

Deno.test("codex e2e: prompts arrive as they were given", async () => {
  await using stage = await Stage.set({ scenario: "prompts" });
  const prompts = [
    "--help",
    "resume",
    "nul \u0000 emoji 👩‍🚀 crlf\r\nend  ",
    `${"long 👍 ".repeat(128_571)}end`,
  ];
  for (const prompt of prompts) {
    const run = await stage.turn(prompt);
    assert.equal(run.verdict.status, "done", run.stderr);
  }
  const arrived = stage.model.prompts("prompts");
  assert.equal(arrived.length, prompts.length);
  for (const [index, prompt] of prompts.entries()) assert.ok(arrived[index] === prompt, prompt.slice(0, 40));
});

Deno.test("codex e2e: an unknown argument of the configuration is told with what to do", async () => {
  await using stage = await Stage.set();
  const run = await stage.turn("Go.", { extraArgs: ["--full-auto"] });
  assert.equal(run.code, 2);
  assert.match(
    run.verdict.status === "error" ? run.verdict.error : "",
    /refused its arguments: .*--full-auto/,
  );
});

Deno.test("codex e2e: a plan becomes events where Codex has the tool", async () => {
  await using stage = await Stage.set({ scenario: "plan" });
  stage.model.script("plan", [plan([{ text: "one", done: true }, { text: "two", done: false }])]);
  const run = await stage.turn("Plan.", { extraArgs: ["-c", "tools.update_plan.enabled=true"] });
  assert.deepEqual(run.events.filter(({ type }) => type === "plan"), [
    { type: "plan", items: [{ text: "one", done: true }, { text: "two", done: false }] },
  ]);
});

Deno.test("codex e2e: the schema of the answer reaches the model", async () => {
  await using stage = await Stage.set();
  const resultSchema = {
    type: "object",
    properties: { answer: { type: "number" } },
    required: ["answer"],
    additionalProperties: false,
  };
  stage.model.script("form", [text('{"answer":7}')]);
  const run = await stage.turn("Answer. [[scenario form]]", { resultSchema });
  assert.deepEqual(run.verdict, { status: "done", reason: "completed" });
  const { format } = (stage.model.modelRequests("form").at(-1)?.body as { text: { format: unknown } }).text;
  const { type, schema, strict } = format as Record<string, unknown>;
  assert.deepEqual({ type, schema, strict }, { type: "json_schema", schema: resultSchema, strict: true });
});

Deno.test("codex e2e: a person goes on with a job's session at a terminal, and the next turn knows of it", async () => {
  await ensureTmux();
  await using stage = await Stage.set();
  stage.model.script("talk", [text("I know seven."), text("At your service."), text("Both.")]);
  const first = await stage.turn("Remember 7. [[scenario talk]]");
  const sessionId = sessionOf(first);
  const { cwd } = stage.home;
  const config = `${stage.home.codexHome}/config.toml`;
  const trusted = `[projects.${JSON.stringify(cwd)}]\ntrust_level = "trusted"\n`;
  Deno.writeTextFileSync(config, trusted, { append: true });
  const plan = {
    executable: stage.executable,
    version: pinnedVersion("codex"),
    cwd,
    policy: "suggest",
    model: null,
  } as const;
  const command = codexDriver.interactive?.({ ...plan, sessionId });
  const script = `${stage.home.path}/go-on`;
  const quoted = command?.args.map((word) => `'${word}'`).join(" ");
  terminalScript(script, `exec '${stage.executable}' ${quoted}`);
  {
    await using terminal = await TmuxTerminal.open({ columns: 100, rows: 40, cwd, env: stage.home.env() });
    await terminal.enter(script);
    await terminal.until(/I know seven\./, "the conversation of the job");
    await terminal.type("Hello from a person");
    await terminal.until(/Hello from a person/, "what was typed");
    await terminal.press("Enter");
    await terminal.until(/At your service\./, "an answer");
    await terminal.pressUntil("C-c", /To continue this session|codex resume/, "that Codex has left");
  }
  const next = await stage.turn("And now? [[scenario talk]]", { sessionId });
  assert.equal(sessionOf(next), sessionId);
  const asked = JSON.stringify(stage.model.modelRequests("talk").at(-1)?.body);
  assert.ok(asked.includes("Hello from a person") && asked.includes("Remember 7."));
});
