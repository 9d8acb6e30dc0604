/**
 * Support for tests: a home of its own for one real agent that is spoken with over ACP, whose model is a scripted one on
 * loopback, and any number of talks with it.
 *
 * @module
 */
import { dirname } from "node:path";
import { customDriver } from "../../src/agents/custom/driver.ts";
import { geminiDriver } from "../../src/agents/gemini/driver.ts";
import type { AgentDriver } from "../../src/agents/driver.ts";
import type { LiveDriver } from "../../src/agents/live_driver.ts";
import { CustomAgentConfig } from "../../src/domain/agent/custom_agent.ts";
import { AGENT_PRESETS } from "../../src/domain/agent/presets/agent_presets.ts";
import { PathSearch } from "../../src/system/files/path_search.ts";
import { ChatApi } from "../model/chat_api.ts";
import { GeminiApi } from "../model/gemini_api.ts";
import { type Asked, type Step, text } from "../model/scenario.ts";
import { ModelServer } from "../model/server.ts";
import { agentExecutable, type PresetAgent, presetInstall, testCache } from "./agents.ts";
import { exists } from "./exists.ts";
import { SpokenAgent, type SpokenAgentOptions } from "./spoken_agent.ts";

export type AcpAgentName = Exclude<PresetAgent, "pi"> | "gemini";

/** What a home needs so that its agent asks the scripted model. */
type Furnish = (home: string, modelUrl: string) => void;

export const FURNISH: Partial<Record<AcpAgentName, Furnish>> = {
  opencode: (home, url) => write(`${home}/.config/opencode/opencode.json`, openaiCompatible(url)),
  kilo: (home, url) => write(`${home}/.config/kilo/kilo.json`, openaiCompatible(url)),
  qwen: (home) =>
    write(`${home}/.qwen/settings.json`, {
      security: { auth: { selectedType: "openai" } },
      // Without it, a 429 is tried for three quarters of an hour: in 11 rounds of 7 attempts of 4 requests, with 1 to 5
      // minutes between the rounds.
      model: { generationConfig: { maxRetries: 0 } },
      privacy: { usageStatisticsEnabled: false },
    }),
  kimi: (home) => {
    Deno.mkdirSync(`${home}/.kimi-code`);
    Deno.writeTextFileSync(`${home}/.kimi-code/config.toml`, "[loop_control]\nmax_attempts_per_step = 2\n");
  },
  cline: (home, url) =>
    write(`${home}/.cline/data/settings/providers.json`, {
      version: 1,
      lastUsedProvider: "openai-compatible",
      modes: {},
      providers: {
        "openai-compatible": {
          settings: { provider: "openai-compatible", apiKey: "scripted", model: "scripted", baseUrl: url },
          updatedAt: "2026-11-28T00:00:00.000Z",
          tokenSource: "manual",
        },
      },
    }),
  gemini: (home) =>
    write(`${home}/.gemini/settings.json`, {
      security: { auth: { selectedType: "gemini-api-key" } },
      general: { maxAttempts: 2, enableAutoUpdate: false, enableAutoUpdateNotification: false },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
    }),
};

function openaiCompatible(baseURL: string): object {
  const options = { baseURL, apiKey: "scripted" };
  const provider = { npm: "@ai-sdk/openai-compatible", options, models: { scripted: {} } };
  return { provider: { scripted: provider }, model: "scripted/scripted", autoupdate: false };
}

function write(path: string, value: object): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  Deno.writeTextFileSync(path, JSON.stringify(value));
}

export class AcpBench implements AsyncDisposable {
  readonly model = ModelServer.start({ apis: [new ChatApi(), new GeminiApi()] });
  readonly home: string;
  readonly work: string;
  readonly driver: AgentDriver;
  readonly live: LiveDriver;
  #turns = 0;

  constructor(readonly agent: AcpAgentName) {
    Deno.mkdirSync(testCache(), { recursive: true });
    this.home = Deno.makeTempDirSync({ dir: testCache(), prefix: `acp-${agent}-` });
    this.work = `${this.home}/work`;
    Deno.mkdirSync(this.work);
    FURNISH[agent]?.(this.home, this.#modelUrl("test"));
    this.driver = agent === "gemini"
      ? geminiDriver
      : customDriver(agent, CustomAgentConfig.parse(AGENT_PRESETS[agent]));
    if (this.driver.live == null) throw new Error(`${agent} is not spoken with`);
    this.live = this.driver.live;
  }

  /** One answer of the model for each step; requests beside the work, such as one for a title, take none. */
  script(steps: readonly Step[]): void {
    this.model.script("test", [], workSteps(steps));
  }

  async talk(prompt: string, options: Partial<SpokenAgentOptions>): Promise<SpokenAgent> {
    const { executable, path } = this.agent === "gemini"
      ? { executable: await agentExecutable("gemini"), path: [] }
      : await presetInstall(this.agent);
    return SpokenAgent.start({
      driver: this.live,
      executable,
      cwd: this.work,
      directory: `${this.home}/turn-${++this.#turns}`,
      policy: "full-auto",
      ...options,
      env: { ...this.#env(path), ...options.env },
    }, this.driver.guardPrompt?.(prompt, new PathSearch(this.work)) ?? prompt);
  }

  has(path: string): boolean {
    return exists(`${this.work}/${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model[Symbol.asyncDispose]();
    Deno.removeSync(this.home, { recursive: true });
  }

  #modelUrl(scenario: string): string {
    return this.agent === "gemini" ? `${this.model.url}/s/${scenario}` : this.model.baseUrl(scenario);
  }

  #env(path: readonly string[]): Record<string, string> {
    const url = this.#modelUrl("test");
    return {
      PATH: [...path, Deno.env.get("PATH") ?? ""].join(":"),
      HOME: this.home,
      TMPDIR: this.home,
      OPENAI_API_KEY: "scripted",
      OPENAI_BASE_URL: url,
      OPENAI_MODEL: "scripted",
      COPILOT_PROVIDER_BASE_URL: url,
      COPILOT_MODEL: "scripted",
      COPILOT_OFFLINE: "true",
      CLINE_API_KEY: "scripted",
      CLINE_PROVIDER: "openai-compatible",
      CLINE_MODEL: "scripted",
      KIMI_MODEL_NAME: "scripted",
      KIMI_MODEL_API_KEY: "scripted",
      KIMI_MODEL_BASE_URL: url,
      KIMI_MODEL_PROVIDER_TYPE: "openai",
      KIMI_MODEL_MAX_CONTEXT_SIZE: "128000",
      KIMI_CODE_NO_AUTO_UPDATE: "1",
      KILO_SESSION_RETRY_LIMIT: "1",
      GEMINI_API_KEY: "scripted",
      GOOGLE_GEMINI_BASE_URL: url,
    };
  }
}

/** The steps for requests of the agent's work, one by one; all others are for a title. */
export function workSteps(steps: readonly Step[]): Extract<Step, (asked: Asked) => unknown> {
  const left = [...steps];
  return (asked) => {
    const step = isWork(asked) ? left.shift() ?? text("done") : text("Title");
    return typeof step === "function" ? step(asked) : step;
  };
}

const WORK_TOOL = /"name":"(?:bash|run_shell_command|run_commands|read|read_files?|view|glob)"/i;

/** Whether a request is for the agent's work: it offers the model tools for that. */
function isWork({ body }: Asked): boolean {
  return WORK_TOOL.test(JSON.stringify(Object(body).tools ?? []));
}
