/**
 * Real hosts that speak OpenAI's Chat Completions: registered by `add-agent`, their model starts a job, waits for it and
 * answers with its result, by the names that receipts tell.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { ChatApi } from "../model/chat_api.ts";
import { type Asked, text } from "../model/scenario.ts";
import { ModelServer } from "../model/server.ts";
import { installFromNpm } from "../support/agents.ts";
import { AgentStage } from "../support/agent_stage.ts";
import { hostEnvironment, runProgram } from "../support/program.ts";

const JOB_ID = /(?:job_id\W+|Job )([0-9a-hjkmnp-tv-z]{8})\b/;

/** A host that never gets what it asks for would go on for ever. */
const MOST_CALLS = 20;

/** Ms for one run: it takes ten seconds on an idle machine. */
const HOST_MS = 300_000;

interface RealHost {
  readonly package: string;
  readonly version: string;
  /** How its model calls the tool. */
  readonly nameOf: (tool: string) => string;
  readonly args: (prompt: string) => string[];
}

const HOSTS: Readonly<Record<string, RealHost>> = {
  opencode: {
    package: "opencode-ai",
    version: "1.18.33",
    nameOf: (tool) => `agent-async_${tool}`,
    args: (prompt) => ["run", "--format", "json", prompt],
  },
  qwen: {
    package: "@qwen-code/qwen-code",
    version: "0.24.4",
    nameOf: (tool) => `mcp__agent-async__${tool}`,
    args: (prompt) => ["-o", "stream-json", prompt],
  },
  copilot: {
    package: "@github/copilot",
    version: "1.0.102",
    nameOf: (tool) => `agent-async-${tool}`,
    args: (prompt) => ["-p", prompt, "--output-format", "json", "--allow-tool", "agent-async"],
  },
};

for (const [host, { package: name, version, nameOf, args }] of Object.entries(HOSTS)) {
  Deno.test(`real hosts: ${host} starts a job of codex, waits and uses its result`, async () => {
    await using stage = await AgentStage.set({ agents: ["codex"] });
    await using model = ModelServer.start({ apis: [new ChatApi()] });
    const executable = await installFromNpm(name, { version, command: host, under: "agents" });
    const home = stage.state.env.HOME ?? assert.fail("no HOME");
    Deno.mkdirSync(join(home, ".config", "opencode"), { recursive: true });
    const provider = {
      npm: "@ai-sdk/openai-compatible",
      options: { baseURL: model.baseUrl("host"), apiKey: "scripted" },
      models: { scripted: {} },
    };
    Deno.writeTextFileSync(
      join(home, ".config", "opencode", "opencode.json"),
      JSON.stringify({ provider: { scripted: provider }, model: "scripted/scripted", autoupdate: false }),
    );
    const added = await runProgram(stage.state, ["add-agent", host, "--allow"]);
    assert.equal(added.code, 0, added.stderr);
    const cwd = stage.state.workspace("job");
    stage.model.script("worker", [text("The work is done.")]);
    let answers: string[] = [];
    model.script("host", [], ({ toolResults }: Asked) => {
      answers = toolResults.filter((result) => JOB_ID.test(result));
      const [receipt, ended] = answers;
      if (ended !== undefined) return text(`The worker: ${/The work is done/.exec(ended)?.[0] ?? ended}`);
      if (toolResults.length > MOST_CALLS) return text(`Nothing helped: ${toolResults.at(-1)}`);
      return receipt === undefined
        ? {
          kind: "tool",
          tool: nameOf("codex_start"),
          arguments: { prompt: "Work. [[scenario worker]]", cwd, approval_policy: "full-auto" },
        }
        : { kind: "tool", tool: nameOf("job_wait"), arguments: { job_ids: [JOB_ID.exec(receipt)?.[1]] } };
    });
    const { code, stdout, stderr } = await new Deno.Command(executable, {
      args: args("Let another agent work."),
      clearEnv: true,
      cwd: stage.state.workspace(`host-${host}`),
      env: {
        ...hostEnvironment(stage.state),
        PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}:${stage.bin}`,
        OPENAI_API_KEY: "scripted",
        OPENAI_BASE_URL: model.baseUrl("host"),
        OPENAI_MODEL: "scripted",
        COPILOT_PROVIDER_BASE_URL: model.baseUrl("host"),
        COPILOT_MODEL: "scripted",
        COPILOT_OFFLINE: "true",
      },
      stdin: "null",
      signal: AbortSignal.timeout(HOST_MS),
    }).output();
    const said = new TextDecoder().decode(stdout);
    const errors = new TextDecoder().decode(stderr);
    assert.equal(code, 0, errors);
    assert.match(said, /The worker: The work is done/, `${said.slice(-3_000)}\n${errors.slice(-2_000)}`);
    // The receipt names the tool as this host's model calls it.
    assert.ok(answers[0]?.includes(`then call ${nameOf("job_wait")} (`), answers[0]);
    const isFenced = /agent-[0-9a-z]{6}>The work is done|begin final message of codex/.test(answers[1] ?? "");
    assert.ok(isFenced, answers[1]);
  });
}
