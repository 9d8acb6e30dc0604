/**
 * A server on stdio as a line to speak over, for the bridge of the conformance suite.
 *
 * @module
 */
import { isRecord } from "../../src/mcp/desk/json_rpc.ts";
import { asOurs } from "./stand_ins.ts";

export type Message = Record<string, unknown>;

export interface StdioLineOptions {
  command: readonly [string, ...string[]];
  /** The whole environment. */
  env: Record<string, string>;
  cwd: string;
}

export class StdioLine implements AsyncDisposable {
  onmessage: (message: Message) => void = () => {};
  readonly #cwd: string;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #ended: Promise<unknown>;

  constructor({ command: [executable, ...args], env, cwd }: StdioLineOptions) {
    this.#child = new Deno.Command(executable, {
      args,
      env,
      clearEnv: true,
      cwd,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#cwd = cwd;
    this.#stdin = this.#child.stdin.getWriter();
    this.#ended = Promise.all([this.#read(), this.#child.status]);
  }

  async send(message: unknown): Promise<void> {
    const ours = isRecord(message) ? asOurs(message, this.#cwd) : message;
    await this.#stdin.write(new TextEncoder().encode(`${JSON.stringify(ours)}\n`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stdin.close().catch(() => {});
    await this.#ended;
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.onmessage(JSON.parse(line));
    }
  }
}
