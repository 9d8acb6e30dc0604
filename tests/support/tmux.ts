/**
 * Test support: a real terminal, by tmux: a shell in a pane of a given size, whose screen can be read and on which keys
 * can be pressed. Each has a server of its own, which ends with it.
 *
 * @module
 */
import { pause } from "../../src/system/pause.ts";
import { eventually } from "./eventually.ts";

/** @throws Error that says what to install, where tmux is missing and cannot be had. */
export async function ensureTmux(): Promise<void> {
  if (await succeeds("tmux", "-V")) return;
  if (Deno.build.os === "linux" && Deno.uid() === 0 && await succeeds("apt-get", "--version")) {
    await succeeds("apt-get", "update", "-q");
    await succeeds("apt-get", "install", "-q", "-y", "--no-install-recommends", "tmux");
    if (await succeeds("tmux", "-V")) return;
  }
  throw new Error("Cannot test in a real terminal: install tmux 3 or later (apt-get install tmux)");
}

async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A short name for a long command. @param line replaces the script's process by `exec`, so that signals reach it. */
export function terminalScript(path: string, line: string): void {
  Deno.writeTextFileSync(path, `#!/bin/sh\n${line}\n`);
  Deno.chmodSync(path, 0o755);
}

export interface TmuxOptions {
  readonly columns: number;
  readonly rows: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What the shell shows when it waits. */
const PROMPT = "ready> ";

export class TmuxTerminal implements AsyncDisposable {
  readonly #directory: string;
  readonly #env: Record<string, string>;

  private constructor(options: TmuxOptions) {
    this.#directory = Deno.makeTempDirSync({ prefix: "agent-async-tmux-" });
    this.#env = { ...options.env, TERM: "xterm-256color", LC_ALL: "C.UTF-8", PS1: PROMPT, SHELL: "/bin/sh" };
  }

  static async open(options: TmuxOptions): Promise<TmuxTerminal> {
    await ensureTmux();
    const terminal = new TmuxTerminal(options);
    const size = ["-x", String(options.columns), "-y", String(options.rows)];
    // Interactive, so that it has job control, and without anybody's profile.
    const shell = ["bash", "--norc", "--noprofile", "-i"];
    await terminal.#tmux(
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-s",
      "test",
      ...size,
      "-c",
      options.cwd,
      ...shell,
    );
    await terminal.#tmux("set-option", "-g", "status", "off");
    await terminal.resize(options.columns, options.rows);
    await terminal.until((screen) => screen.trimEnd().endsWith(PROMPT.trimEnd()), "a shell");
    return terminal;
  }

  /** Keys by tmux's names: `Down`, `Enter`, `C-z`, `PageUp`; a single character is itself. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux("send-keys", "-t", "test", ...keys);
  }

  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-t", "test", "-l", text);
  }

  /** A line for the shell. */
  async enter(line: string): Promise<void> {
    await this.type(line);
    await this.press("Enter");
  }

  /** The lines of the screen, without spaces at their ends. */
  async screen(): Promise<string> {
    return await this.#tmux("capture-pane", "-p", "-t", "test");
  }

  /** As {@link TmuxTerminal.screen}, with colours as escape sequences. */
  async colouredScreen(): Promise<string> {
    return await this.#tmux("capture-pane", "-p", "-e", "-t", "test");
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-t", "test", "-x", String(columns), "-y", String(rows));
  }

  /** What tmux knows of the pane: `cursor_flag`, `alternate_on`, `wrap_flag`, `pane_pid`. */
  async about(name: string): Promise<string> {
    return (await this.#tmux("display-message", "-p", "-t", "test", `#{${name}}`)).trim();
  }

  /** The first screen that passes. */
  async until(check: RegExp | ((screen: string) => boolean), what: string): Promise<string> {
    let last = "";
    try {
      return await eventually(async () => {
        last = await this.screen();
        return (typeof check === "function" ? check(last) : check.test(last)) ? `${last} ` : null;
      }, { what });
    } catch (error) {
      throw new Error(`Timed out waiting for ${what}; the screen is\n${last}`, { cause: error });
    }
  }

  /**
   * Presses a key some times a second until a screen passes: a program that is about to finish something hears it as
   * another wish, or not at all.
   */
  async pressUntil(key: string, check: RegExp, what: string): Promise<string> {
    await using _pressing = this.#pressing(key);
    return await this.until(check, what);
  }

  #pressing(key: string): AsyncDisposable {
    const stopped = new AbortController();
    const over = (async () => {
      while (!stopped.signal.aborted) {
        await this.press(key);
        await pause(300, stopped.signal);
      }
    })();
    return {
      async [Symbol.asyncDispose]() {
        stopped.abort();
        await over;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server").catch(() => {});
    await Deno.remove(this.#directory, { recursive: true });
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-u", "-S", `${this.#directory}/socket`, ...args],
      env: this.#env,
      clearEnv: true,
    }).output();
    if (success) return new TextDecoder().decode(stdout);
    throw new Error(`tmux ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  }
}
