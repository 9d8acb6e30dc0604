/**
 * Test support: a fresh state directory, HOME and workspace, and an environment whose `codex` does what prompts say.
 *
 * @module
 */
import { removeTree } from "../../src/system/files/removal.ts";
import { fromFileUrl } from "./from_file_url.ts";

const SCRIPTED_AGENTS = fromFileUrl(new URL("../fixtures/agents/scripted", import.meta.url));

export interface StateHome extends AsyncDisposable {
  /** `AGENT_ASYNC_HOME`. */
  readonly home: string;
  /** A directory for jobs to work in. */
  readonly cwd: string;
  /** What a host would send: PATH begins with the scripted agents. */
  readonly env: Record<string, string>;
  /** A further directory for jobs to work in. */
  workspace(name: string): string;
}

export function makeStateHome(config: Record<string, unknown> = {}): StateHome {
  const root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-test-" }));
  const home = `${root}/state`;
  const workspace = (name: string) => {
    Deno.mkdirSync(`${root}/${name}`, { recursive: true });
    return `${root}/${name}`;
  };
  Deno.mkdirSync(home, { mode: 0o700 });
  Deno.writeTextFileSync(`${home}/config.json`, JSON.stringify(config), { mode: 0o600 });
  const cwd = workspace("work");
  return {
    home,
    cwd,
    env: {
      PATH: `${SCRIPTED_AGENTS}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}`,
      HOME: workspace("user"),
      AGENT_ASYNC_HOME: home,
      LANG: "C.UTF-8",
    },
    workspace,
    async [Symbol.asyncDispose]() {
      await removeTree(root);
    },
  };
}
