/**
 * A host that starts a stdio MCP server as a process of its own, from source or compiled, and speaks to it through
 * the SDK's client.
 *
 * @module
 */
import { Client } from "@modelcontextprotocol/sdk/client";
// @ts-types="@modelcontextprotocol/sdk/shared/transport"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import { type JSONRPCMessage, JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";

/** Ms for the server to leave after its stdin was closed, and after each signal. */
const LEAVE_MS = 60_000;

export interface McpProcessOptions {
  command: readonly [string, ...string[]];
  /** The whole environment: nothing is inherited. */
  env: Record<string, string>;
  cwd?: string;
  clientName?: string;
}

export class McpProcess implements AsyncDisposable {
  readonly client: Client;
  readonly pid: number;
  readonly status: Promise<Deno.CommandStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #transport: ProcessTransport;
  #stderr = "";
  #streams: Promise<unknown>;

  private constructor(options: McpProcessOptions) {
    const [executable, ...args] = options.command;
    this.#child = new Deno.Command(executable, {
      args,
      env: options.env,
      clearEnv: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = this.#child.pid;
    this.status = this.#child.status;
    this.#stdin = this.#child.stdin.getWriter();
    this.#transport = new ProcessTransport(this.#stdin);
    this.client = new Client({ name: options.clientName ?? "test-host", version: "1.0.0" });
    // A call to a server that has died fails at once, instead of when its time is up.
    void this.status.then(() => this.#transport.onclose?.());
    this.#streams = Promise.all([
      readLines(this.#child.stdout, (line) => this.#transport.receive(line)),
      readLines(this.#child.stderr, (line) => void (this.#stderr += `${line}\n`)),
    ]);
  }

  /** Starts the server and greets it. The process is ended when that fails. */
  static async start(options: McpProcessOptions): Promise<McpProcess> {
    const started = new McpProcess(options);
    try {
      await started.client.connect(started.#transport);
      return started;
    } catch (cause) {
      await started.close();
      throw new Error(`The MCP server did not answer; its stderr: ${started.stderr}`, { cause });
    }
  }

  /** What the server has said on stderr so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Lines of stdout that were no protocol message: always empty for a server that keeps its word. */
  get strayLines(): readonly string[] {
    return this.#transport.strayLines;
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Closes the server's stdin, as hosts do; SIGTERM and SIGKILL for one that stays. */
  async close(): Promise<Deno.CommandStatus> {
    await this.#stdin.close().catch(() => {});
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const timer = setTimeout(
        () => this.#killIfAlive(signal),
        signal === "SIGTERM" ? LEAVE_MS : 2 * LEAVE_MS,
      );
      void this.status.finally(() => clearTimeout(timer));
    }
    const status = await this.status;
    await this.#streams;
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #killIfAlive(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has left meanwhile.
    }
  }
}

class ProcessTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly strayLines: string[] = [];
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;

  constructor(stdin: WritableStreamDefaultWriter<Uint8Array>) {
    this.#stdin = stdin;
  }

  async start(): Promise<void> {}

  async send(message: JSONRPCMessage): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
  }

  async close(): Promise<void> {
    await this.#stdin.close().catch(() => {});
    this.onclose?.();
  }

  receive(line: string): void {
    let message: JSONRPCMessage;
    try {
      message = JSONRPCMessageSchema.parse(JSON.parse(line));
    } catch {
      this.strayLines.push(line);
      return;
    }
    this.onmessage?.(message);
  }
}

async function readLines(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  if (rest !== "") take(rest);
}
