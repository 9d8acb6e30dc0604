/** The real aider, which prints text for people, against the scripted model. */
import assert from "node:assert/strict";
import { customDriver } from "../../src/agents/custom/driver.ts";
import { CustomAgentConfig } from "../../src/domain/agent/custom_agent.ts";
import type { ApprovalPolicy } from "../../src/domain/agent/policy.ts";
import { AGENT_PRESETS } from "../../src/domain/agent/presets/agent_presets.ts";
import { isUnasked } from "../../src/domain/agent/policy.ts";
import { ChatApi } from "../model/chat_api.ts";
import { refuse, type Step, text } from "../model/scenario.ts";
import { ModelServer } from "../model/server.ts";
import { testCache } from "../support/agents.ts";
import { installFromPypi, NO_PYTHON } from "../support/install_from_pypi.ts";
import { git } from "../support/repository.ts";
import { type DriverRun, runDriver } from "../support/run_driver.ts";
import { testUnless } from "../support/skippable.ts";

const driver = customDriver("aider", CustomAgentConfig.parse(AGENT_PRESETS["aider"]));

/** What its model writes for a new file. */
const NEW_FILE = text("a.txt\n```\nx\n```\n");

class Bench implements AsyncDisposable {
  readonly model = ModelServer.start({ apis: [new ChatApi()] });
  readonly home: string;
  readonly work: string;

  private constructor() {
    Deno.mkdirSync(testCache(), { recursive: true });
    this.home = Deno.makeTempDirSync({ dir: testCache(), prefix: "aider-" });
    this.work = `${this.home}/work`;
    Deno.mkdirSync(this.work);
  }

  static async start(): Promise<Bench> {
    const bench = new Bench();
    await git(bench.work, "init", "-q");
    Deno.writeTextFileSync(`${bench.work}/kept.txt`, "kept\n");
    await git(bench.work, "add", "-A");
    await git(bench.work, "commit", "-qm", "first");
    Deno.writeTextFileSync(`${bench.work}/kept.txt`, "not committed\n");
    return bench;
  }

  async run(steps: readonly Step[], policy: Exclude<ApprovalPolicy, "ask">): Promise<DriverRun> {
    const { executable, pythonPath } = await installFromPypi("aider-chat", {
      version: "0.86.2",
      command: "aider",
    });
    this.model.script("test", steps);
    return await runDriver({
      driver,
      executable,
      prompt: "look at @nothing, npm i @scope/pkg",
      cwd: this.work,
      directory: `${this.home}/turn`,
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        PYTHONPATH: pythonPath,
        HOME: this.home,
        OPENAI_API_KEY: "scripted",
        OPENAI_API_BASE: this.model.baseUrl("test"),
        // It asks the internet for prices of models otherwise.
        LITELLM_LOCAL_MODEL_COST_MAP: "True",
      },
      plan: { policy, model: "openai/scripted" },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model[Symbol.asyncDispose]();
    Deno.removeSync(this.home, { recursive: true });
  }
}

testUnless(NO_PYTHON, "aider e2e: its policies, by trying; nothing is committed", async () => {
  for (const policy of (driver.policies ?? []).filter(isUnasked)) {
    await using bench = await Bench.start();
    const turn = await bench.run([NEW_FILE, text("done")], policy);
    assert.equal(turn.verdict.status, "done", turn.stdout + turn.stderr);
    const said = JSON.stringify(bench.model.modelRequests("test")[0]?.body);
    assert.ok(said.includes("look at @nothing, npm i @scope/pkg"), said.slice(-2_000));
    assert.ok(turn.events.some((event) => event.type === "message" && event.text.includes("a.txt")));
    assert.equal(await git(bench.work, "log", "--format=%s"), "first\n", policy);
    const made = [...Deno.readDirSync(bench.work)].map(({ name }) => name)
      .filter((name) => ![".git", "kept.txt"].includes(name));
    if (policy === "suggest") assert.deepEqual(made, []);
    else assert.ok(made.includes("a.txt") && !made.includes(".gitignore"), made.join());
    assert.equal(Deno.readTextFileSync(`${bench.work}/kept.txt`), "not committed\n");
  }
});

testUnless(
  NO_PYTHON,
  "aider e2e: 401, 429 and 500 fail the turn; what it gets over does not",
  async () => {
    const again = (step: Step, times: number) => Array.from({ length: times }, () => step);
    const trials: Step[][] = [
      again(refuse(401), 100),
      again(refuse(429), 100),
      again(refuse(500), 100),
      [...again(refuse(429), 4), text("All done.")],
    ];
    const reasons = await Promise.all(trials.map(async (steps) => {
      await using bench = await Bench.start();
      const { verdict } = await bench.run(steps, "full-auto");
      return verdict.reason;
    }));
    assert.deepEqual(reasons, [
      "auth_required",
      "quota_exhausted",
      "agent_error",
      "completed",
    ]);
  },
);
