/**
 * Test support: a real agent CLI as the host, with the program registered as its MCP server.
 *
 * @module
 */
import { join } from "node:path";
import { claudeDriver } from "../../src/agents/claude/driver.ts";
import { codexDriver } from "../../src/agents/codex/driver.ts";
import type { AgentDriver } from "../../src/agents/driver.ts";
import { geminiDriver } from "../../src/agents/gemini/driver.ts";
import type { AgentStage } from "./agent_stage.ts";
import { hostEnvironment, programCommand, runProgram } from "./program.ts";
import { readAll } from "./recorded.ts";

/** The name under which hosts know the program. */
export const SERVER = "agent-async";

/** Ms for one run: it takes ten seconds on an idle machine. */
const HOST_MS = 300_000;

export type HostName = "claude" | "codex" | "gemini";

export interface HostRun {
  code: number;
  /** The last thing that the host's model said. */
  answer: string | null;
  /** Calls of the program's tools, as the host tells them: `codex_start completed`. */
  calls: string[];
  stdout: string;
  stderr: string;
}

/** Runs the host once, headless, to its end. What it prints goes to files, as a pipe would lose its end. */
export async function runHost(
  stage: AgentStage,
  host: HostName,
  prompt: string,
  { model, edit }: { model?: string; edit?: (stage: AgentStage) => void } = {},
): Promise<HostRun> {
  const directory = stage.state.workspace(`host-${host}`);
  const { driver, args } = await HOSTS[host](stage, directory);
  edit?.(stage);
  const path = (name: string) => join(directory, name);
  Deno.writeTextFileSync(path("prompt"), prompt);
  const { code } = await new Deno.Command("/bin/sh", {
    args: [
      "-c",
      'exec "$@" <prompt >stdout 2>stderr',
      "sh",
      join(stage.bin, host),
      ...(model === undefined ? [] : ["-c", `model="${model}"`]),
      ...args,
    ],
    clearEnv: true,
    cwd: directory,
    // What only matters to others would be model requests beside the conversation.
    env: { ...hostEnvironment(stage.state), CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" },
    stdin: "null",
    signal: AbortSignal.timeout(HOST_MS),
  }).output();
  const stdout = Deno.readTextFileSync(path("stdout"));
  const { events } = readAll(driver, stdout.trimEnd().split("\n"));
  return {
    code,
    answer: events.flatMap((event) => event.type === "message" ? [event.text] : []).at(-1) ?? null,
    calls: events.flatMap((event) =>
      event.type === "tool_call" && event.server === SERVER && event.state !== "started"
        ? [`${event.tool} ${event.state}`]
        : []
    ),
    stdout,
    stderr: Deno.readTextFileSync(path("stderr")),
  };
}

interface Invocation {
  driver: AgentDriver;
  args: string[];
}

type Registration = (stage: AgentStage, directory: string) => Invocation | Promise<Invocation>;

const HOSTS: Record<HostName, Registration> = {
  /** Server and permission are as our own registration has them. */
  async claude(stage) {
    await register(stage, "claude-code");
    const args = ["-p", "--output-format", "stream-json", "--verbose", "--allowedTools", "Bash(true)"];
    return { driver: claudeDriver, args };
  },
  /** It hands its servers only the variables that are named: our own registration has to name what jobs need. */
  async codex(stage) {
    await register(stage, "codex");
    const file = join(stage.state.env.CODEX_HOME ?? "", "config.toml");
    // From source it needs what it is made of, which is not below this HOME; an executable has it inside.
    const cache = `env = { DENO_DIR = ${JSON.stringify(hostEnvironment(stage.state).DENO_DIR)}, `;
    Deno.writeTextFileSync(file, Deno.readTextFileSync(file).replace("env = { ", cache));
    return { driver: codexDriver, args: ["exec", "--json", "--skip-git-repo-check", "-"] };
  },
  /** It takes variables that look like keys from its servers, unless the settings name them. */
  gemini(stage) {
    const [command, ...args] = serverCommand();
    const file = join(stage.state.env.GEMINI_CLI_HOME ?? "", ".gemini", "settings.json");
    const settings = JSON.parse(Deno.readTextFileSync(file));
    const server = { command, args, env: hostEnvironment(stage.state), trust: true };
    Deno.writeTextFileSync(file, JSON.stringify({ ...settings, mcpServers: { [SERVER]: server } }));
    return {
      driver: geminiDriver,
      args: ["--output-format", "stream-json", "--skip-trust", "--approval-mode", "default"],
    };
  },
};

async function register(stage: AgentStage, host: string): Promise<void> {
  const { code, stderr } = await runProgram(stage.state, ["add-agent", host, "--allow"]);
  if (code !== 0) throw new Error(stderr);
}

function serverCommand(): string[] {
  return [...programCommand(), "mcp"];
}
