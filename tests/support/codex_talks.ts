/**
 * Support for tests: talks with the real Codex CLI, in a home in which it knows nothing but the scripted model.
 *
 * @module
 */
import assert from "node:assert/strict";
import { codexDriver } from "../../src/agents/codex/driver.ts";
import { codexLive } from "../../src/agents/codex/live/driver.ts";
import { AgentCatalog } from "../../src/agents/detection/catalog.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import type { ApprovalPolicy } from "../../src/domain/agent/policy.ts";
import type { Usage } from "../../src/domain/turn/usage.ts";
import { AgentProbe } from "../../src/system/agent_probe.ts";
import type { Item } from "../model/scenario.ts";
import { ModelServer } from "../model/server.ts";
import { agentExecutable, installFromNpm } from "./agents.ts";
import { CodexHome, type CodexHomeOptions } from "./codex_home.ts";
import { RunningTalk } from "./run_talk.ts";

export interface CodexTalksOptions extends Omit<CodexHomeOptions, "model"> {
  /** Another version than the pinned one. */
  version?: string;
}

export class CodexTalks implements AsyncDisposable {
  #turns = 0;

  private constructor(
    readonly model: ModelServer,
    readonly home: CodexHome,
    readonly executable: string,
  ) {}

  static async set({ version, ...options }: CodexTalksOptions = {}): Promise<CodexTalks> {
    const command = version === undefined ? await agentExecutable("codex") : await older(version);
    const model = ModelServer.start();
    const home = new CodexHome({ model, ...options });
    const catalog = new AgentCatalog({
      drivers: () => [codexDriver],
      probe: new AgentProbe(),
      settings: () => ({ codex: { command } }),
    });
    const { executable } = await catalog.detect("codex", home.env());
    assert.ok(executable !== null);
    return new CodexTalks(model, home, executable);
  }

  talk(
    prompt: string,
    { sessionUsage, cwd = this.home.cwd, ...plan }: Partial<TurnPlan<ApprovalPolicy>> & {
      sessionUsage?: Usage;
    } = {},
  ): RunningTalk {
    return new RunningTalk({
      driver: codexDriver,
      live: codexLive,
      executable: this.executable,
      prompt,
      cwd,
      directory: `${this.home.path}/turn-${++this.#turns}`,
      env: this.home.env(),
      plan: { model: "gpt-5.5", ...plan },
      ...(sessionUsage === undefined ? {} : { sessionUsage }),
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

/** A command that the model wants to run outside of the sandbox. */
export function escalated(command: string): Item {
  return {
    kind: "tool",
    tool: "exec_command",
    arguments: {
      cmd: command,
      yield_time_ms: 30_000,
      sandbox_permissions: "require_escalated",
      justification: "It is harmless, believe me",
    },
  };
}

function older(version: string): Promise<string> {
  return installFromNpm("@openai/codex", { version, command: "codex", under: "agents" });
}
