/**
 * Test support: the program with real agents behind it, in a home in which they know nothing but the scripted model.
 * The prompt's `[[scenario name]]` decides what the model answers, whichever agent asks.
 *
 * @module
 */
import { join } from "node:path";
import type { JobResult } from "../../src/domain/job/result.ts";
import { EventsPage } from "../../src/service/read_requests.ts";
import { Receipt } from "../../src/service/requests.ts";
import { AnthropicApi } from "../model/anthropic_api.ts";
import { ChatApi } from "../model/chat_api.ts";
import { GeminiApi } from "../model/gemini_api.ts";
import { ResponsesApi } from "../model/responses_api.ts";
import { ModelServer } from "../model/server.ts";
import { agentExecutable } from "./agents.ts";
import { ClaudeHome } from "./claude_home.ts";
import { CodexHome } from "./codex_home.ts";
import { fromFileUrl } from "./from_file_url.ts";
import { geminiHome } from "./gemini_home.ts";
import { HostSession, isAlive, shutDown } from "./program.ts";
import { makeStateHome, type StateHome } from "./state_home.ts";

const FIXTURES = fromFileUrl(new URL("../fixtures/agents", import.meta.url));

export type StagedAgent = "codex" | "gemini" | "claude" | "cursor";

export interface AgentStageOptions {
  /** Those that are on the host's PATH from the beginning; {@link AgentStage.install} brings others later. */
  agents: readonly StagedAgent[];
  /** `config.json` of the program. */
  config?: Record<string, unknown>;
  /** More of the host's environment. */
  env?: Record<string, string>;
  /** More of Codex's `config.toml`. */
  codexConfig?: string;
}

export class AgentStage implements AsyncDisposable {
  private constructor(
    readonly model: ModelServer,
    readonly state: StateHome,
    /** The present one. */
    public host: HostSession,
    /** The directory of the agents on the host's PATH. */
    readonly bin: string,
    /** Ends what is left of jobs and the daemon, then takes the directories away. */
    readonly cleanup: AsyncDisposableStack,
  ) {}

  static async set(
    { agents, config = {}, env = {}, codexConfig = "" }: AgentStageOptions,
  ): Promise<AgentStage> {
    await using stack = new AsyncDisposableStack();
    const model = stack.use(
      ModelServer.start({ apis: [new ResponsesApi(), new GeminiApi(), new AnthropicApi(), new ChatApi()] }),
    );
    const codex = stack.use(new CodexHome({ model, config: codexConfig }));
    const claude = stack.use(new ClaudeHome({ model }));
    const gemini = stack.use(geminiHome({ modelUrl: model.url }));
    const base = stack.use(makeStateHome(config));
    const bin = join(codex.cwd, "..", "bin");
    Deno.mkdirSync(bin);
    const state: StateHome = {
      home: base.home,
      cwd: codex.cwd,
      env: {
        ...gemini.env,
        ...codex.env(),
        ...claude.env(),
        GEMINI_CLI_HOME: gemini.path,
        CURSOR_API_KEY: "scripted",
        PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
        AGENT_ASYNC_HOME: base.home,
        ...env,
      },
      workspace(name) {
        const path = join(codex.cwd, "..", name);
        Deno.mkdirSync(path, { recursive: true });
        return path;
      },
      async [Symbol.asyncDispose]() {},
    };
    for (const agent of agents) await install(agent, bin);
    // Before its directories go: jobs and daemon. A test that fails leaves no process behind either.
    stack.defer(() => shutDown(state));
    return new AgentStage(model, state, await HostSession.start(state), bin, stack.move());
  }

  /** The host and its front-end go, so that nobody starts a daemon. */
  async leave(): Promise<void> {
    await this.host.mcp.close();
  }

  /** Another host begins, in the same state directory. */
  async join(): Promise<void> {
    this.host = await HostSession.start(this.state);
  }

  /** Puts the agent on the host's PATH. */
  async install(agent: StagedAgent): Promise<void> {
    await install(agent, this.bin);
  }

  /** Each job gets a directory of its own unless told, so that none waits for another. */
  async start(agent: string, prompt: string, args: Record<string, unknown> = {}): Promise<string> {
    const cwd = args.cwd ?? this.state.workspace(`work-${crypto.randomUUID().slice(0, 8)}`);
    const request = { prompt, ...args, cwd };
    return (await this.host.call(`${agent}_start`, request, Receipt.pick({ job_id: true }))).job_id;
  }

  async run(agent: string, prompt: string, args: Record<string, unknown> = {}): Promise<JobResult> {
    return await this.host.ended(await this.start(agent, prompt, args));
  }

  async reply(jobId: string, prompt: string, args: Record<string, unknown> = {}): Promise<JobResult> {
    await this.host.call("job_reply", { job_id: jobId, prompt, ...args }, Receipt.pick({ job_id: true }));
    return await this.host.ended(jobId);
  }

  /** All events of a job, less what changes from run to run; their numbers are checked. */
  async events(jobId: string): Promise<Record<string, unknown>[]> {
    const request = { job_id: jobId, limit: 500, truncate: 0 };
    const { events } = await this.host.call("job_events", request, EventsPage);
    const numbers = events.map(({ seq }) => seq);
    if (numbers.some((seq, index) => seq !== index + 1)) throw new Error(`Events are numbered ${numbers}`);
    return events.map(({ seq: _seq, turn: _turn, time: _time, ...body }) => body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.host.mcp.close();
    } finally {
      await this.cleanup.disposeAsync();
    }
  }
}

/** A link, as installers make them: the real path is where the native binary is looked for. */
async function install(agent: StagedAgent, bin: string): Promise<void> {
  const target = agent === "cursor" ? join(FIXTURES, "cursor", "cursor-agent") : await agentExecutable(agent);
  Deno.symlinkSync(target, join(bin, agent === "cursor" ? "cursor-agent" : agent));
}

/** The content of a file; `null` when there is none. */
export function fileIn(directory: string, name: string): string | null {
  try {
    return Deno.readTextFileSync(join(directory, name));
  } catch {
    return null;
  }
}

/** Pids of the live processes that carry a job's marker, in whatever session and group they are. */
export function processesOf(jobId: string): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    try {
      const environment = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0");
      return environment.includes(`AGENT_ASYNC_JOB_ID=${jobId}`) && isAlive(pid);
    } catch {
      return false;
    }
  });
}
