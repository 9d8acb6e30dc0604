/**
 * Test support: a real host that speaks OpenAI's Chat Completions, with the program registered by `add-agent`.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { ModelServer } from "../model/server.ts";
import { installFromNpm } from "./agents.ts";
import type { AgentStage } from "./agent_stage.ts";
import { hostEnvironment, runProgram } from "./program.ts";

/** Ms for one run: it takes ten seconds on an idle machine. */
const HOST_MS = 300_000;

interface ChatHost {
  readonly package: string;
  readonly version: string;
  /** How its model calls the tool. */
  readonly nameOf: (tool: string) => string;
  readonly args: (prompt: string) => string[];
  /** Its registration of servers, below HOME. */
  readonly config: string;
}

const CHAT_HOSTS = {
  opencode: {
    package: "opencode-ai",
    version: "1.18.33",
    nameOf: (tool) => `agent-async_${tool}`,
    args: (prompt) => ["run", "--format", "json", prompt],
    config: ".config/opencode/opencode.json",
  },
  qwen: {
    package: "@qwen-code/qwen-code",
    version: "0.24.4",
    nameOf: (tool) => `mcp__agent-async__${tool}`,
    args: (prompt) => ["-o", "stream-json", prompt],
    config: ".qwen/settings.json",
  },
  copilot: {
    package: "@github/copilot",
    version: "1.0.102",
    nameOf: (tool) => `agent-async-${tool}`,
    args: (prompt) => ["-p", prompt, "--output-format", "json", "--allow-tool", "agent-async"],
    config: ".copilot/mcp-config.json",
  },
} as const satisfies Record<string, ChatHost>;

export type ChatHostName = keyof typeof CHAT_HOSTS;

export const CHAT_HOST_NAMES: readonly ChatHostName[] = ["opencode", "qwen", "copilot"];

export function chatHostVersion(host: ChatHostName): string {
  return CHAT_HOSTS[host].version;
}

/** How this host's model calls a tool of the program. */
export function chatToolName(host: ChatHostName, tool: string): string {
  return CHAT_HOSTS[host].nameOf(tool);
}

export interface ChatRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the host once, headless, to its end; its model is the scenario `host` of `model`.
 *
 * @param options.edit is called with the host's registration before it starts.
 */
export async function runChatHost(
  stage: AgentStage,
  host: ChatHostName,
  { model, prompt, edit }: { model: ModelServer; prompt: string; edit?: (file: string) => void },
): Promise<ChatRun> {
  const { package: name, version, args, config } = CHAT_HOSTS[host];
  const executable = await installFromNpm(name, { version, command: host, under: "agents" });
  const home = stage.state.env.HOME;
  if (home === undefined) throw new Error("The stage has no HOME");
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
  if (added.code !== 0) throw new Error(added.stderr);
  edit?.(join(home, config));
  const { code, stdout, stderr } = await new Deno.Command(executable, {
    args: args(prompt),
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
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
