/**
 * Support for tests: a home for the real Codex CLI in which it knows nothing but the scripted model.
 *
 * @module
 */
import { join } from "node:path";
import type { ModelServer } from "../model/server.ts";
import { testCache } from "./agents.ts";

export interface CodexHomeOptions {
  model: ModelServer;
  /** The scenario that this home's provider asks for; without one the prompt's marker decides. */
  scenario?: string;
  /** Attempts after the first, for refused requests and for broken streams; 0 makes failures quick. */
  retries?: number;
  /** More of `config.toml`: tables only, such as `[mcp_servers.x]`. */
  config?: string;
}

/** Lies in the tests' cache and not below the temporary directory, over which Codex complains. */
export class CodexHome implements Disposable {
  /** HOME. */
  readonly path: string;
  readonly codexHome: string;
  /** An empty working directory beside the home. */
  readonly cwd: string;

  constructor({ model, scenario, retries = 0, config = "" }: CodexHomeOptions) {
    Deno.mkdirSync(testCache(), { recursive: true });
    const run = Deno.makeTempDirSync({ dir: testCache(), prefix: "run-" });
    this.path = join(run, "home");
    this.codexHome = join(this.path, ".codex");
    this.cwd = join(run, "work");
    Deno.mkdirSync(this.codexHome, { recursive: true });
    Deno.mkdirSync(this.cwd);
    const baseUrl = scenario === undefined ? `${model.url}/v1` : model.baseUrl(scenario);
    Deno.writeTextFileSync(
      join(this.codexHome, "config.toml"),
      codexConfiguration(baseUrl, retries) + config,
    );
  }

  /** All that Codex needs, and nothing of this process's own but its PATH. */
  env(): Record<string, string> {
    return {
      HOME: this.path,
      CODEX_HOME: this.codexHome,
      PATH: Deno.env.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
      LANG: "C.UTF-8",
      ...ONLY_LOOPBACK,
    };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(join(this.path, ".."), { recursive: true });
  }
}

/** The discard port. */
const DEAD_END = "http://127.0.0.1:9";

/** Whatever wants to leave this machine meets a port that nobody listens on. */
export const ONLY_LOOPBACK = {
  HTTP_PROXY: DEAD_END,
  HTTPS_PROXY: DEAD_END,
  ALL_PROXY: DEAD_END,
  NO_PROXY: "127.0.0.1,localhost",
} as const;

/** Of a Codex that knows one model, which is scripted. */
export function codexConfiguration(baseUrl: string, retries: number): string {
  return `model = "mock-model"
model_provider = "scripted"
check_for_update_on_startup = false

[model_providers.scripted]
name = "The scripted model"
base_url = "${baseUrl}"
wire_api = "responses"
request_max_retries = ${retries}
stream_max_retries = ${retries}
stream_idle_timeout_ms = 20000

[analytics]
enabled = false

[feedback]
enabled = false

`;
}
