/** The real Gemini CLI, run by the driver's command line, against the scripted model. */
import assert from "node:assert/strict";
import { geminiDriver } from "../../src/agents/gemini/driver.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import { replayPrompt } from "../../src/domain/turn/replay.ts";
import { GeminiApi, geminiRateLimit, geminiToolResults } from "../model/gemini_api.ts";
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
  type Step,
  text,
} from "../model/scenario.ts";
import { ModelServer } from "../model/server.ts";
import { agentExecutable } from "../support/agents.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { type GeminiHome, geminiHome, type GeminiHomeOptions } from "../support/gemini_home.ts";
import { type DriverRun, type RunningDriver, startDriver } from "../support/run_driver.ts";
import { pidIn, sendSignal, signalIfAlive } from "../support/signals.ts";

const executable = await agentExecutable("gemini");

/** One model, one home and any number of turns. */
class Bench implements AsyncDisposable {
  readonly model = ModelServer.start({ apis: [new GeminiApi()] });
  readonly home: GeminiHome;
  #turns = 0;

  constructor(options: Omit<GeminiHomeOptions, "modelUrl"> = {}) {
    this.home = geminiHome({ ...options, modelUrl: `${this.model.url}/s/test` });
  }

  start(steps: readonly Step[], prompt: string, change: Partial<TurnPlan> = {}): RunningDriver {
    this.model.script("test", steps);
    return startDriver({
      driver: geminiDriver,
      executable,
      prompt,
      cwd: this.home.work,
      directory: `${this.home.path}/turn-${++this.#turns}`,
      env: this.home.env,
      plan: change,
    });
  }

  run(steps: readonly Step[], prompt = "go", change: Partial<TurnPlan> = {}): Promise<DriverRun> {
    return this.start(steps, prompt, change).ended;
  }

  /** All that the user said in the last request. */
  prompt(): string {
    return this.model.prompts("test").at(-1) ?? "";
  }

  has(path: string): boolean {
    try {
      Deno.statSync(`${this.home.work}/${path}`);
      return true;
    } catch {
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
  }
}

const tool = (name: string, args: Record<string, unknown>): Item => ({
  kind: "tool",
  tool: name,
  arguments: args,
});
const DONE = { status: "done", reason: "completed" } as const;

Deno.test("gemini e2e: a message in pieces, thoughts and usage", async () => {
  await using bench = new Bench();
  const usage = { input: 100, cached: 40, output: 10, reasoning: 3 };
  const steps = [answer([reasoning("hm"), text("Hel"), text("lo.")], { usage })];
  const turn = await bench.run(steps, "go", { model: "gemini-2.5-flash" });
  assert.deepEqual(turn.verdict, DONE, turn.stderr);
  const [session, ...rest] = turn.events;
  assert.ok(session?.type === "session" && session.model === "gemini-2.5-flash");
  assert.deepEqual(rest, [
    { type: "message", text: "Hello." },
    {
      type: "usage",
      usage: {
        input_tokens: 100,
        cached_input_tokens: 40,
        output_tokens: 10,
        reasoning_tokens: 3,
        total_tokens: 110,
      },
    },
  ]);
});

Deno.test("gemini e2e: prompts arrive as they were given, whatever is in them", async () => {
  await using bench = new Bench();
  Deno.writeTextFileSync(`${bench.home.work}/README.md`, "SECRET CONTENT");
  Deno.writeTextFileSync(`${bench.home.work}/mytypes.ts`, "SECRET CONTENT");
  Deno.mkdirSync(`${bench.home.work}/packages/@scope/pkg`, { recursive: true });
  Deno.writeTextFileSync(`${bench.home.work}/packages/@scope/pkg/index.ts`, "SECRET CONTENT");
  const odd = `--help\r\n\u0000😀 "quoted" ${"x".repeat(900_000)}`;
  assert.deepEqual((await bench.run([], odd)).verdict, DONE);
  assert.equal(bench.prompt(), odd);
  const plain = "ann@example.com @zq @scope/pkg @. @Injectable() npm i @types/node";
  assert.deepEqual((await bench.run([], plain)).verdict, DONE);
  assert.equal(bench.prompt(), plain);
  const turn = await bench.run([], `/help @README.md @types ${plain}`);
  assert.deepEqual(turn.verdict, DONE);
  assert.equal(
    bench.prompt(),
    `\n/help \\@README.md \\@types ${plain}\n\n(In the text above, \\@ stands for the at sign alone.)`,
  );
  assert.doesNotMatch(JSON.stringify(bench.model.requests.at(-1)?.body), /SECRET CONTENT/);
});

Deno.test("gemini e2e: commands, files, edits and a failing command", async () => {
  await using bench = new Bench();
  const turn = await bench.run(
    [
      shell("echo out; echo err >&2"),
      addFile("a.txt", "one\n"),
      tool("replace", { file_path: "a.txt", old_string: "one", new_string: "two", instruction: "scripted" }),
      shell("exit 3"),
      text("done"),
    ],
    "go",
    { policy: "full-auto" },
  );
  assert.deepEqual(turn.verdict, DONE);
  assert.equal(Deno.readTextFileSync(`${bench.home.work}/a.txt`), "two\n");
  const ends = turn.events.filter((event) =>
    (event.type === "command" || event.type === "file_change") && event.state !== "started"
  ).map((event) => ({ ...event, id: "" }));
  const change = { type: "file_change", id: "", state: "completed" } as const;
  assert.deepEqual(ends, [
    { type: "command", id: "", state: "completed", command: "echo out; echo err >&2", output: "out\nerr" },
    { ...change, changes: [{ path: "a.txt", kind: "add" }] },
    { ...change, changes: [{ path: "a.txt", kind: "update" }] },
    { type: "command", id: "", state: "failed", command: "exit 3", exit_code: 3 },
  ]);
});

/** Tries all that a model could, the way out through plan mode included, and says what came of it. */
async function tryAll(policy: TurnPlan["policy"]): Promise<Record<string, boolean>> {
  await using bench = new Bench();
  Deno.writeTextFileSync(`${bench.home.work}/given.txt`, "given");
  const turn = await bench.run(
    [
      tool("read_file", { file_path: "given.txt" }),
      tool("enter_plan_mode", { reason: "scripted" }),
      tool("exit_plan_mode", { plan_filename: "plan.md" }),
      tool("write_file", { file_path: "inside.txt", content: "x" }),
      tool("write_file", { file_path: "../outside.txt", content: "x" }),
      shell("touch shell.txt"),
      text("done"),
    ],
    "go",
    { policy },
  );
  assert.deepEqual(turn.verdict, DONE);
  const results = geminiToolResults(bench.model.modelRequests("test").at(-1) ?? assert.fail("no request"));
  return {
    reads: JSON.stringify(results[0]?.response).includes("given"),
    changesMode: turn.events.some((event) =>
      event.type === "tool_call" && event.tool.endsWith("_plan_mode") && event.state === "completed"
    ),
    writesInside: bench.has("inside.txt"),
    writesOutside: bench.has("../outside.txt"),
    runsCommands: bench.has("shell.txt"),
  };
}

Deno.test("gemini e2e: the three policies, by trying", async () => {
  const nothing = {
    reads: true,
    changesMode: false,
    writesInside: false,
    writesOutside: false,
    runsCommands: false,
  };
  assert.deepEqual(await tryAll("suggest"), nothing);
  assert.deepEqual(await tryAll("auto-edit"), { ...nothing, writesInside: true });
  assert.deepEqual(await tryAll("full-auto"), { ...nothing, writesInside: true, runsCommands: true });
});

Deno.test("gemini e2e: todos are a plan, and a refused tool is declined", async () => {
  await using bench = new Bench();
  const turn = await bench.run([plan([{ text: "look", done: true }]), shell("ls"), text("done")]);
  assert.deepEqual(turn.events.filter(({ type }) => type === "plan"), [
    { type: "plan", items: [{ text: "look", done: true }] },
  ]);
  assert.ok(turn.events.some((event) => event.type === "command" && event.state === "declined"));
  assert.deepEqual(turn.verdict, DONE);
});

Deno.test("gemini e2e: 401, 429 with a time, 500, a cut stream and no login", async () => {
  await using bench = new Bench();
  const failure = async (step: Step) => {
    // With a model of its own, the CLI does not ask its router first.
    const { verdict } = await bench.run([step, step, step], "go", { model: "gemini-2.5-flash" });
    assert.ok(verdict.status === "error");
    return verdict;
  };
  const unauthorized = await failure(refuse(401));
  assert.equal(unauthorized.reason, "auth_required");
  assert.equal(unauthorized.error, "scripted 401 (UNAUTHENTICATED)");
  const before = Date.now();
  const limited = await failure(geminiRateLimit("2s"));
  assert.equal(limited.reason, "quota_exhausted");
  assert.ok((limited.retry_at ?? 0) > before + 2_000 && (limited.retry_at ?? 0) <= Date.now() + 2_000);
  const broken = await failure(refuse(500));
  assert.equal(broken.reason, "agent_error");
  assert.match(broken.hint ?? "", /continue later/);
  const cut = await failure(cutStream([text("half")]));
  assert.equal(cut.reason, "agent_error");
  await using stranger = new Bench({ apiKey: null });
  const { verdict, code } = await stranger.run([]);
  assert.ok(verdict.status === "error" && verdict.reason === "auth_required", JSON.stringify(verdict));
  assert.equal(code, 41);
});

Deno.test("gemini e2e: each attempt that fails is told, and a refusal once", async () => {
  await using bench = new Bench();
  const transient = ({ events }: DriverRun) =>
    events.flatMap((event) => event.type === "error" && event.transient ? [event.message] : []);
  const model = { model: "gemini-2.5-flash" };
  const broken = await bench.run([refuse(500), text("ok")], "go", model);
  assert.deepEqual(transient(broken), ["Attempt 1 failed: the model's server answered 500, scripted 500"]);
  assert.deepEqual(broken.verdict, DONE);
  const limited = await bench.run([geminiRateLimit("1s"), text("ok")], "go", model);
  assert.deepEqual(transient(limited), ["Attempt 1 failed: Resource has been exhausted"]);
  const refused = await bench.run([shell("ls"), text("ok")], "go", model);
  assert.match(refused.stderr, /Error executing tool run_shell_command/);
  const declined = refused.events.flatMap((event) =>
    "state" in event && event.state === "declined" ? [event.type] : []
  );
  assert.deepEqual(declined, ["command"]);
});

Deno.test("gemini e2e: the user's MCP servers start only when the configuration says so", async () => {
  for (const mcp of ["none", "inherit"] as const) {
    const probe = { command: "/bin/sh", args: ["-c", 'touch "$HOME/work/started"'], trust: true };
    await using bench = new Bench({ mcpServers: { probe } });
    assert.deepEqual((await bench.run([text("done")], "go", { mcp })).verdict, DONE);
    assert.equal(bench.has("started"), mcp === "inherit");
  }
});

Deno.test("gemini e2e: under suggest, of a trusted MCP server only what calls itself read-only is left", async () => {
  const script = fromFileUrl(new URL("../fixtures/agents/mcp_probe.ts", import.meta.url));
  for (const policy of ["suggest", "full-auto"] as const) {
    const args = ["run", "--no-config", "--no-lock", "-A", script, "touched"];
    const probe = { command: Deno.execPath(), args, trust: true };
    await using bench = new Bench({ mcpServers: { probe } });
    const steps = [mcpCall("probe", "look"), mcpCall("probe", "touch"), text("done")];
    const turn = await bench.run(steps, "go", { policy, mcp: "inherit" });
    const ends = turn.events.flatMap((event) =>
      event.type === "tool_call" && event.state !== "started"
        ? [`${event.server}.${event.tool} ${event.state}`]
        : []
    );
    const touch = policy === "suggest" ? "declined" : "completed";
    assert.deepEqual(ends, ["probe.look completed", `probe.touch ${touch}`], turn.stderr);
    assert.equal(bench.has("touched"), policy === "full-auto");
  }
});

Deno.test("gemini e2e: a follow-up carries the conversation once, in a new session", async () => {
  await using bench = new Bench();
  const first = await bench.run([shell("echo blue"), text("The colour is blue.")], "Which colour?", {
    policy: "full-auto",
  });
  const earlier = [{ prompt: "Which colour?", events: first.events }];
  const second = await bench.run([text("Blue, as I said.")], replayPrompt(earlier, "Say it again.", 900_000));
  assert.deepEqual(second.verdict, DONE);
  const prompt = bench.prompt();
  assert.equal(prompt.split("The colour is blue.").length, 2);
  assert.equal(prompt.split("echo blue").length, 2);
  assert.ok(prompt.endsWith("\n\nSay it again."));
  assert.notDeepEqual(first.events[0], second.events[0]);
});

Deno.test("gemini e2e: a signal ends it at once, with exit code 0 and no result, which is no success", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await using bench = new Bench();
    const running = bench.start([shell("echo $$ > shell.pid; exec sleep 60")], "go", { policy: "full-auto" });
    const pidFile = `${bench.home.work}/shell.pid`;
    const command = await eventually(() => pidIn(pidFile), {
      timeoutMs: 60_000,
      what: "the command to run",
    });
    try {
      sendSignal(running.pid, signal);
      const turn = await running.ended;
      assert.equal(turn.terminal, null);
      assert.ok(turn.verdict.status === "error" && turn.verdict.reason === "no_result", String(turn.code));
    } finally {
      // Its commands are in sessions of their own and outlive it: in a job, the kernel's sweep ends them.
      signalIfAlive(command, "SIGKILL");
    }
  }
});
