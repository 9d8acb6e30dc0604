/** Agents that need only be named, the real ones, against the scripted model. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { customDriver } from "../../src/agents/custom/driver.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import { AGENT_PRESETS } from "../../src/domain/agent/presets/agent_presets.ts";
import { isUnasked } from "../../src/domain/agent/policy.ts";
import { CustomAgentConfig } from "../../src/domain/agent/custom_agent.ts";
import { ChatApi } from "../model/chat_api.ts";
import { addFile, cutStream, refuse, shell, type Step, text } from "../model/scenario.ts";
import { ModelServer } from "../model/server.ts";
import { type PresetAgent, presetInstall, testCache } from "../support/agents.ts";
import { exists } from "../support/exists.ts";
import { furnishPi } from "../support/pi_home.ts";
import { type DriverRun, runDriver } from "../support/run_driver.ts";

/** Those that were tried as one-way agents. */
type Preset = Extract<PresetAgent, "opencode" | "qwen" | "copilot" | "pi">;

/** One model, one home and any number of turns. */
class Bench implements AsyncDisposable {
  readonly model = ModelServer.start({ apis: [new ChatApi()] });
  readonly home: string;
  readonly work: string;
  #turns = 0;

  constructor(readonly preset: Preset) {
    Deno.mkdirSync(testCache(), { recursive: true });
    this.home = Deno.makeTempDirSync({ dir: testCache(), prefix: `${preset}-` });
    this.work = `${this.home}/work`;
    Deno.mkdirSync(this.work);
    Deno.mkdirSync(`${this.home}/.config/opencode`, { recursive: true });
    const provider = {
      npm: "@ai-sdk/openai-compatible",
      options: { baseURL: this.model.baseUrl("test"), apiKey: "scripted" },
      models: { scripted: {} },
    };
    Deno.writeTextFileSync(
      `${this.home}/.config/opencode/opencode.json`,
      JSON.stringify({ provider: { scripted: provider }, model: "scripted/scripted", autoupdate: false }),
    );
    furnishPi(this.home, this.model.baseUrl("test"));
  }

  async run(steps: readonly Step[], prompt: string, plan: Partial<TurnPlan> = {}): Promise<DriverRun> {
    const { executable, path } = await presetInstall(this.preset);
    this.model.script("test", steps);
    return await runDriver({
      driver: customDriver(this.preset, CustomAgentConfig.parse(AGENT_PRESETS[this.preset])),
      executable,
      prompt,
      cwd: this.work,
      directory: `${this.home}/turn-${++this.#turns}`,
      env: {
        PATH: [...path, dirname(Deno.execPath()), Deno.env.get("PATH") ?? ""].join(":"),
        HOME: this.home,
        OPENAI_API_KEY: "scripted",
        OPENAI_BASE_URL: this.model.baseUrl("test"),
        OPENAI_MODEL: "scripted",
        COPILOT_PROVIDER_BASE_URL: this.model.baseUrl("test"),
        COPILOT_MODEL: "scripted",
        COPILOT_OFFLINE: "true",
      },
      plan,
    });
  }

  has(path: string): boolean {
    return exists(`${this.work}/${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model[Symbol.asyncDispose]();
    Deno.removeSync(this.home, { recursive: true });
  }
}

for (const preset of ["opencode", "qwen", "copilot", "pi"] as const) {
  Deno.test(`${preset} e2e: a command, a file, an answer, usage, and a reply in the same session`, async () => {
    await using bench = new Bench(preset);
    const steps = [shell("echo hi; exit 3"), addFile(`${bench.work}/a.txt`, "x\n"), text("All done.")];
    // Qwen Code itself puts a blank before an at sign inside of a word.
    const prompt = "look at @nothing, npm i @scope/pkg";
    const turn = await bench.run(steps, prompt, { policy: "full-auto" });
    assert.deepEqual(turn.verdict, { status: "done", reason: "completed" }, turn.stdout + turn.stderr);
    const asked = JSON.stringify(bench.model.modelRequests("test")[0]?.body);
    assert.ok(
      asked.includes(prompt),
      asked.slice(Math.max(0, asked.indexOf("example.com") - 300)).slice(0, 900),
    );
    const actions = turn.events.flatMap((event): unknown[] => {
      if (event.type === "command" && event.state !== "started") return [[event.state, event.command]];
      return event.type === "file_change" && event.state !== "started" ? [[event.state, event.changes]] : [];
    });
    assert.deepEqual(actions, [
      ["failed", "echo hi; exit 3"],
      ["completed", [{ path: `${bench.work}/a.txt`, kind: preset === "pi" ? "update" : "add" }]],
    ], turn.stdout);
    assert.deepEqual(turn.events.filter(({ type }) => type === "raw"), []);
    const usage = turn.events.findLast((event) => event.type === "usage");
    assert.deepEqual(
      usage?.type === "usage" ? [usage.usage.input_tokens, usage.usage.output_tokens] : null,
      preset === "copilot" ? null : [300, 30],
    );
    const session = turn.events.find((event) => event.type === "session");
    assert.ok(session?.type === "session");
    const next = await bench.run([text("Again.")], "And now?", {
      policy: "full-auto",
      sessionId: session.session_id,
    });
    assert.deepEqual(next.verdict, { status: "done", reason: "completed" }, next.stdout + next.stderr);
    assert.ok(
      next.events.some((event) => event.type === "session" && event.session_id === session.session_id),
    );
    const last = JSON.stringify(bench.model.modelRequests("test").at(-1)?.body);
    assert.match(last, /All done\./);
  });

  Deno.test(`${preset} e2e: a key that is refused is a login`, async () => {
    await using bench = new Bench(preset);
    const failure = async (step: Step) => {
      const { verdict, stdout } = await bench.run(Array.from({ length: 20 }, () => step), "go");
      assert.ok(verdict.status === "error", stdout);
      return verdict.reason;
    };
    assert.equal(await failure(refuse(401)), "auth_required");
  });

  Deno.test(`${preset} e2e: its policies, by trying`, async () => {
    const tried: Record<string, unknown> = {};
    const { policies = [] } = customDriver(preset, CustomAgentConfig.parse(AGENT_PRESETS[preset]));
    for (const policy of policies.filter(isUnasked)) {
      await using bench = new Bench(preset);
      const outside = `${bench.home}/outside.txt`;
      const steps = [
        shell(`touch ${bench.work}/shell.txt`),
        addFile(`${bench.work}/inside.txt`, "x\n"),
        addFile(outside, "x\n"),
        text("done"),
      ];
      const { verdict, stdout, stderr } = await bench.run(steps, "go", { policy });
      assert.equal(verdict.status, "done", `${policy}: ${stdout}${stderr}`);
      tried[policy] = {
        command: bench.has("shell.txt"),
        inside: bench.has("inside.txt"),
        outside: exists(outside),
      };
    }
    assert.deepEqual(tried, {
      suggest: { command: false, inside: false, outside: false },
      ...(preset === "qwen" || preset === "pi"
        ? {}
        : { "auto-edit": { command: false, inside: true, outside: false } }),
      "full-auto": { command: true, inside: true, outside: true },
    });
  });
}

Deno.test("pi e2e: 429, 500 and a cut stream fail the turn", async () => {
  const steps = [refuse(429), refuse(500), cutStream([text("half")])];
  const reasons = await Promise.all(steps.map(async (step) => {
    await using bench = new Bench("pi");
    const { verdict, stdout } = await bench.run(Array.from({ length: 20 }, () => step), "go", {
      policy: "full-auto",
    });
    assert.ok(verdict.status === "error", stdout);
    return verdict.reason;
  }));
  assert.deepEqual(reasons, ["quota_exhausted", "agent_error", "agent_error"]);
});
