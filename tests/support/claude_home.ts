/**
 * Support for tests: a home for the real Claude Code in which it knows nothing but the scripted model.
 *
 * @module
 */
import { join } from "node:path";
import type { ModelServer } from "../model/server.ts";
import { DEFAULT_SCENARIO } from "../model/server.ts";
import { testCache } from "./agents.ts";

export interface ClaudeHomeOptions {
  /** Speaks the Messages API. */
  model: ModelServer;
  /** The scenario that this home asks for; the default one leaves it to the prompt's marker. */
  scenario?: string;
  /** Attempts after the first; 0 makes failures quick. */
  retries?: number;
  /** `~/.claude/settings.json`. */
  settings?: Record<string, unknown>;
  /** MCP servers of the user's own configuration. */
  mcpServers?: Record<string, unknown>;
  /** `null` for a Claude Code that is not logged in. */
  apiKey?: string | null;
}

export class ClaudeHome implements Disposable {
  /** HOME. */
  readonly path: string;
  /** An empty working directory beside the home. */
  readonly cwd: string;
  readonly #options: ClaudeHomeOptions;

  constructor(options: ClaudeHomeOptions) {
    this.#options = options;
    Deno.mkdirSync(testCache(), { recursive: true });
    const run = Deno.makeTempDirSync({ dir: testCache(), prefix: "claude-" });
    this.path = join(run, "home");
    this.cwd = join(run, "work");
    Deno.mkdirSync(join(this.path, ".claude"), { recursive: true });
    Deno.mkdirSync(join(this.path, "tmp"));
    Deno.mkdirSync(this.cwd);
    const { settings, mcpServers } = options;
    if (settings !== undefined) {
      Deno.writeTextFileSync(join(this.path, ".claude", "settings.json"), JSON.stringify(settings));
    }
    if (mcpServers !== undefined) {
      Deno.writeTextFileSync(join(this.path, ".claude.json"), JSON.stringify({ mcpServers }));
    }
  }

  /** All that Claude Code needs, and nothing of this process's own but its PATH. */
  env(): Record<string, string> {
    const { model, scenario = DEFAULT_SCENARIO, retries = 0, apiKey = "scripted" } = this.#options;
    return {
      HOME: this.path,
      PATH: Deno.env.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
      LANG: "C.UTF-8",
      SHELL: "/bin/bash",
      CLAUDE_CODE_TMPDIR: join(this.path, "tmp"),
      ANTHROPIC_BASE_URL: scenario === DEFAULT_SCENARIO ? model.url : `${model.url}/s/${scenario}`,
      ...(apiKey === null ? {} : { ANTHROPIC_API_KEY: apiKey }),
      CLAUDE_CODE_MAX_RETRIES: String(retries),
      // Whatever wants to leave this machine meets a port that nobody listens on.
      HTTP_PROXY: DEAD_END,
      HTTPS_PROXY: DEAD_END,
      NO_PROXY: "127.0.0.1,localhost",
    };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(join(this.path, ".."), { recursive: true });
  }
}

/** The discard port. */
const DEAD_END = "http://127.0.0.1:9";
