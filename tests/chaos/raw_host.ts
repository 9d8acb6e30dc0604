/**
 * Chaos: a host that writes whatever bytes it likes to the program's MCP server.
 *
 * @module
 */
import { z } from "zod";
import { hostEnvironment, programCommand } from "../support/program.ts";
import type { Site } from "./site.ts";
import { signalIfAlive } from "../support/signals.ts";

const Message = z.looseObject({
  id: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.unknown().optional(),
});
export type Message = z.infer<typeof Message>;

export class RawHost implements AsyncDisposable {
  readonly pid: number;
  readonly messages: Message[] = [];
  /** Lines of stdout that were no protocol. */
  readonly strays: string[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;

  /** @param options.reads whether it ever reads what the server says */
  constructor(site: Site, options: { reads?: boolean } = {}) {
    const [executable, ...args] = programCommand();
    this.#child = new Deno.Command(executable, {
      args: [...args, "mcp"],
      env: hostEnvironment(site.state),
      clearEnv: true,
      cwd: site.state.cwd,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.pid = this.#child.pid;
    this.#stdin = this.#child.stdin.getWriter();
    this.#reading = options.reads === false ? Promise.resolve() : this.#read();
  }

  /** Not awaited by those who do not care whether the server takes it. Never throws. */
  async write(data: string | Uint8Array): Promise<void> {
    await this.#stdin.write(typeof data === "string" ? new TextEncoder().encode(data) : data).catch(() => {});
  }

  send(message: unknown): Promise<void> {
    return this.write(`${JSON.stringify(message)}\n`);
  }

  request(id: unknown, method: string, params: unknown = {}): Promise<void> {
    return this.send({ jsonrpc: "2.0", id, method, params });
  }

  async greet(): Promise<void> {
    const clientInfo = { name: "raw", version: "1" };
    await this.request(0, "initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
    await this.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  }

  tool(id: unknown, name: string, args: Record<string, unknown>): Promise<void> {
    return this.request(id, "tools/call", { name, arguments: args });
  }

  answers(id: unknown): Message[] {
    return this.messages.filter((message) => message.id === id);
  }

  signal(signal: Deno.Signal): void {
    signalIfAlive(this.pid, signal);
  }

  async closeInput(): Promise<void> {
    await this.#stdin.close().catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await this.#child.status;
    if (this.#child.stdout.locked) await this.#reading;
    else await this.#child.stdout.cancel();
    await this.#stdin.abort().catch(() => {});
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
    }
  }

  #take(line: string): void {
    try {
      this.messages.push(Message.parse(JSON.parse(line)));
    } catch {
      this.strays.push(line);
    }
  }
}
