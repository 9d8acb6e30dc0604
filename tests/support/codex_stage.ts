/**
 * Test support: the real Codex CLI behind the real MCP server, with the scripted model as all that it can reach.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { ModelServer } from "../model/server.ts";
import { agentExecutable } from "./agents.ts";
import { CodexHome } from "./codex_home.ts";
import { HostSession, shutDown } from "./program.ts";
import { makeStateHome, type StateHome } from "./state_home.ts";

export interface CodexStageOptions {
  /** `config.json` of the program. */
  config?: Record<string, unknown>;
  /** Codex's attempts after the first; 0 makes failures quick. */
  retries?: number;
  /** Whether turns are two-way; without it, as the driver has it. */
  live?: boolean;
}

/** Both ways to run a turn, with a word for the names of tests: what is promised holds for both. */
export const WAYS = [{ way: "one-way", live: false }, { way: "two-way", live: true }] as const;

/**
 * The prompt's `[[scenario name]]` decides what the model answers. Jobs work in directories outside of the temporary
 * one, which Codex's sandbox leaves writable.
 */
export class CodexStage implements AsyncDisposable {
  private constructor(
    readonly model: ModelServer,
    readonly state: StateHome,
    /** The first host; {@link HostSession.start} with `state` gives more. */
    readonly host: HostSession,
    readonly cleanup: AsyncDisposableStack,
  ) {}

  static async set({ config = {}, retries = 0, live }: CodexStageOptions = {}): Promise<CodexStage> {
    const command = await agentExecutable("codex");
    await using stack = new AsyncDisposableStack();
    const model = stack.use(ModelServer.start());
    const home = stack.use(new CodexHome({ model, retries }));
    const base = stack.use(makeStateHome({
      ...config,
      ...(live === undefined ? {} : { agents: { codex: { live } } }),
    }));
    const state: StateHome = {
      home: base.home,
      cwd: home.cwd,
      env: {
        ...home.env(),
        PATH: `${dirname(command)}:${home.env().PATH}`,
        AGENT_ASYNC_HOME: base.home,
      },
      workspace(name) {
        const path = join(home.cwd, "..", name);
        Deno.mkdirSync(path, { recursive: true });
        return path;
      },
      async [Symbol.asyncDispose]() {},
    };
    // Before its directories go: jobs and daemon. A test that fails leaves no process behind either.
    stack.defer(() => shutDown(state));
    const host = stack.use(await HostSession.start(state));
    return new CodexStage(model, state, host, stack.move());
  }

  /** The content of a file in the working directory; `null` when there is none. */
  file(name: string): string | null {
    try {
      return Deno.readTextFileSync(join(this.state.cwd, name));
    } catch {
      return null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanup.disposeAsync();
  }
}
