/**
 * Benchmark: a host of an MCP server on stdio that costs nothing itself: no SDK, no schemas. For ours and for others'.
 *
 * @module
 */
import { z } from "zod";
import { treeMemoryMb } from "./process_figures.ts";

const Reply = z.object({
  id: z.number(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
});
type Result = Record<string, unknown>;

/** Ms for one answer: an `npx` that installs first takes long. */
const ANSWER_MS = 60_000;

/** Characters of a server's stderr that are told when it has left in the middle of a call. */
const LAST_WORDS_CHARS = 2_000;

/** Ms for the server to leave after its stdin was closed. */
const LEAVE_MS = 3_000;

export interface McpSessionOptions {
  readonly command: readonly string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
}

export class McpSession implements AsyncDisposable {
  /** `performance.now()` just before the process was started. */
  readonly startedAt = performance.now();
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #open = new Map<number, PromiseWithResolvers<Result>>();
  readonly #ended: Promise<void>;
  /** The end of what the server wrote to its stderr, once that is closed. */
  readonly #lastWords: Promise<string>;
  #lastId = 0;

  constructor({ command, env, cwd }: McpSessionOptions) {
    const [executable = "", ...args] = command;
    this.#child = new Deno.Command(executable, {
      args,
      env,
      clearEnv: true,
      cwd,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#lastWords = this.#readErrors();
    this.#ended = this.#read();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Greets the server. */
  async initialize(): Promise<Result> {
    const answer = await this.request("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "agent-async-bench", version: "1.0.0" },
    });
    await this.#send({ jsonrpc: "2.0", method: "notifications/initialized" });
    return answer;
  }

  async request(method: string, params: Result = {}): Promise<Result> {
    const id = ++this.#lastId;
    const reply = Promise.withResolvers<Result>();
    this.#open.set(id, reply);
    const timer = setTimeout(() => reply.reject(new Error(`${method} was not answered`)), ANSWER_MS);
    try {
      await this.#send({ jsonrpc: "2.0", id, method, params });
      return await reply.promise;
    } finally {
      clearTimeout(timer);
      this.#open.delete(id);
    }
  }

  /** The whole answer of a tool call that has to succeed. */
  async call(name: string, args: Result): Promise<Result> {
    const answer = await this.request("tools/call", { name, arguments: args });
    if (answer.isError === true) throw new Error(`${name} failed: ${JSON.stringify(answer.content)}`);
    return answer;
  }

  /** Resident MB of the server and everything that it has started. */
  memoryMb(): number {
    return treeMemoryMb(this.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stdin.close().catch(() => {});
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), LEAVE_MS);
    await this.#child.status;
    clearTimeout(timer);
    await this.#ended;
  }

  async #send(message: unknown): Promise<void> {
    await this.#stdin.write(this.#encoder.encode(`${JSON.stringify(message)}\n`));
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
    }
    if (this.#open.size === 0) return;
    const { code, signal } = await this.#child.status;
    const how = signal === null ? `exit ${code}` : signal;
    const left = new Error(`the server has left (${how}): ${await this.#lastWords}`);
    for (const reply of this.#open.values()) reply.reject(left);
  }

  async #readErrors(): Promise<string> {
    let words = "";
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      words = `${words}${text}`.slice(-LAST_WORDS_CHARS);
    }
    return words.trim();
  }

  /** What is no answer to a request of ours is let go. */
  #take(line: string): void {
    const parsed = Reply.safeParse(jsonOrNull(line));
    if (!parsed.success) return;
    const { id, result, error } = parsed.data;
    if (error !== undefined) this.#open.get(id)?.reject(new Error(error.message));
    else this.#open.get(id)?.resolve(result ?? {});
  }
}

function jsonOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
