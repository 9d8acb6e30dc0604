/**
 * Test support: somebody at a terminal with an empty HOME, who types commands and reads what they print. All of it is
 * kept, for the message of the assertion that fails.
 *
 * @module
 */
import { eventually } from "./eventually.ts";
import { signalGroup } from "./signals.ts";

export class TerminalSession implements AsyncDisposable {
  /** All that was typed and printed, in order. */
  transcript = "";
  readonly #background: Deno.ChildProcess[] = [];

  /** @param env is changed by {@link TerminalSession.export}. */
  constructor(readonly env: Record<string, string>, public cwd: string) {}

  /** Both outputs of a command, and its exit code. */
  async type(line: string): Promise<{ code: number; said: string }> {
    const { code, stdout, stderr } = await this.#shell(`{ ${line}\n} 2>&1`).output();
    const decoder = new TextDecoder();
    const said = decoder.decode(stdout) + decoder.decode(stderr);
    this.#keep(`$ ${line}\n${said}${code === 0 ? "" : `[${code}]\n`}`);
    return { code, said };
  }

  /** What a command printed that has to succeed. @throws with the transcript when it does not. */
  async run(line: string): Promise<string> {
    const { code, said } = await this.type(line);
    if (code !== 0) throw new Error(`${line} ended with ${code}:\n${this.transcript}`);
    return said;
  }

  /** Starts a command that stays, and waits for what it prints. It ends with the session. */
  async stay(line: string, until: RegExp, timeoutMs: number): Promise<string> {
    this.#keep(`$ ${line} &\n`);
    const child = this.#shell(`{ exec ${line}\n} 2>&1`, { detached: true }).spawn();
    this.#background.push(child);
    let said = "";
    const reading = child.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
      new WritableStream({
        write: (text) => {
          said += text;
        },
      }),
    );
    let isOver = false;
    reading.finally(() => isOver = true).catch(() => {});
    try {
      await eventually(() => isOver || until.test(said), { timeoutMs, what: `${until} of ${line}` });
    } finally {
      this.#keep(said);
    }
    if (!until.test(said)) throw new Error(`${line} ended too early:\n${said}`);
    return said;
  }

  /** Does what a program has said to type: `export A="x:$A" B="y"`. */
  async export(said: string): Promise<void> {
    const line = /^\s*(export .*)$/m.exec(said)?.[1];
    if (line === undefined) throw new Error(`There is nothing to export in\n${said}`);
    const names = [...line.matchAll(/ (\w+)="/g)].flatMap(([, name]) => name === undefined ? [] : [name]);
    const values = await this.run(`${line}; printf '%s\\n' ${names.map((name) => `"$${name}"`).join(" ")}`);
    names.forEach((name, index) => this.env[name] = values.split("\n")[index] ?? "");
  }

  /** Ctrl-C for all that stays, and their end. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#background) {
      // The whole group, as a terminal does it.
      signalGroup(child.pid, "SIGINT");
      await child.status;
    }
  }

  #shell(script: string, { detached = false } = {}): Deno.Command {
    return new Deno.Command("/bin/sh", {
      args: ["-c", script],
      cwd: this.cwd,
      env: this.env,
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: detached ? "null" : "piped",
      detached,
    });
  }

  #keep(text: string): void {
    // deno-lint-ignore no-control-regex -- colours of Deno's own words
    this.transcript += text.replace(/\x1b\[[0-9;]*m/g, "");
  }
}
