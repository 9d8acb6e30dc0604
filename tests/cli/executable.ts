/**
 * The real program from source, in a state directory of its own. Disposing stops its daemon.
 *
 * @module
 */
import { fromFileUrl } from "../support/from_file_url.ts";
import { makeStateHome, type StateHome } from "../support/state_home.ts";
import type { Outcome } from "./command_line.ts";

export const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));

/** Where Deno's cache is: the program gets a HOME of its own, but what it is made of was fetched before. */
function cacheEnvironment(): Record<string, string> {
  const { DENO_DIR, XDG_CACHE_HOME, HOME } = Deno.env.toObject();
  return { DENO_DIR: DENO_DIR ?? `${XDG_CACHE_HOME ?? `${HOME}/.cache`}/deno` };
}

export class Executable implements AsyncDisposable {
  readonly state: StateHome;
  readonly env: Record<string, string>;

  constructor(config: Record<string, unknown> = {}) {
    this.state = makeStateHome(config);
    this.env = { ...this.state.env, ...cacheEnvironment() };
  }

  /** Starts it with all of its streams piped. */
  spawn(args: readonly string[]): Deno.ChildProcess {
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", MAIN, ...args],
      cwd: this.state.cwd,
      env: this.env,
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs it to its end. */
  async run(args: readonly string[], stdin = ""): Promise<Outcome> {
    const child = this.spawn(args);
    const written = (async () => {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(stdin));
      await writer.close();
    })().catch(() => {});
    const { code, stdout, stderr } = await child.output();
    await written;
    return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run(["daemon", "stop"]);
    await this.state[Symbol.asyncDispose]();
  }
}
