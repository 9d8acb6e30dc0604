/**
 * An MCP host in this process: `serveMcp` over in-memory streams, spoken to line by line or through the SDK's client.
 *
 * @module
 */
import { Client } from "@modelcontextprotocol/sdk/client";
// @ts-types="@modelcontextprotocol/sdk/shared/transport"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import {
  ElicitRequestSchema,
  type ElicitResult,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { serveMcp, type ServeOptions } from "../../src/mcp/serve.ts";
import { silentLog } from "../../src/system/log.ts";
import { ScriptedService } from "./scripted_service.ts";

export type HostOptions = Partial<Omit<ServeOptions, "input" | "output">>;

/** What a test reads off the wire. */
export interface WireMessage {
  jsonrpc?: string;
  id?: string | number | null;
  method?: string;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: Record<string, unknown> };
  params?: Record<string, unknown>;
}

export class MemoryHost implements AsyncDisposable {
  /** Everything the server has written, in order. */
  readonly received: WireMessage[] = [];
  /** Resolves when the server has ended. */
  readonly ended: Promise<unknown>;
  readonly #toServer = new TransformStream<Uint8Array, Uint8Array>();
  readonly #fromServer = new TransformStream<Uint8Array, Uint8Array>();
  readonly #writer = this.#toServer.writable.getWriter();
  readonly #encoder = new TextEncoder();
  readonly #readers: (() => void)[] = [];
  onMessage: ((message: WireMessage) => void) | undefined;

  /** @param options `reads: false` makes a host that never reads a byte. */
  constructor(options: HostOptions = {}, { reads = true } = {}) {
    this.ended = serveMcp({
      service: new ScriptedService(),
      version: "1.2.3",
      toolsets: ["jobs"],
      env: { HOME: "/home/someone", PATH: "/bin" },
      session: "session-1",
      agents: () => Promise.resolve([{ name: "codex", available: true }]),
      log: silentLog,
      ...options,
      input: this.#toServer.readable,
      output: this.#fromServer.writable,
    });
    if (reads) void this.#read(this.#fromServer.readable);
  }

  /** Bytes as they are. */
  async write(bytes: Uint8Array | string): Promise<void> {
    await this.#writer.write(typeof bytes === "string" ? this.#encoder.encode(bytes) : bytes).catch(() => {});
  }

  async send(message: unknown): Promise<void> {
    await this.write(`${JSON.stringify(message)}\n`);
  }

  /** The first message that fits, of those received and to come. */
  async message(fits: (message: WireMessage) => boolean): Promise<WireMessage> {
    for (;;) {
      const found = this.received.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#readers.push(resolve));
    }
  }

  answer(id: string | number): Promise<WireMessage> {
    return this.message((message) => message.id === id && message.method === undefined);
  }

  async initialize(): Promise<WireMessage> {
    await this.send(initializeRequest("init"));
    const answer = await this.answer("init");
    await this.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    return answer;
  }

  async call(name: string, args: Record<string, unknown>, id: string | number = crypto.randomUUID()) {
    await this.send({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: args } });
    return await this.answer(id);
  }

  /** Asks in revision 2026-07-28. */
  async ask(method: string, params: Record<string, unknown> = {}, who: ModernHost = {}) {
    const request = modernRequest(crypto.randomUUID(), method, { params, ...who });
    await this.send(request);
    return await this.answer(request.id);
  }

  /** The host closes its end. */
  async hangUp(): Promise<void> {
    await this.#writer.close().catch(() => {});
  }

  /** The host that never reads dies: the other end of the server's stdout is gone. */
  async vanish(): Promise<void> {
    await this.#fromServer.readable.cancel(new Error("EPIPE"));
  }

  /**
   * The SDK's client on this wire.
   *
   * @param elicit answers a question to the person; without it the client declares none.
   */
  async client(elicit?: (params: Record<string, unknown>) => ElicitResult): Promise<Client> {
    const client = new Client(
      { name: "test-host", version: "1.0.0" },
      { capabilities: elicit === undefined ? {} : { elicitation: {} } },
    );
    if (elicit !== undefined) {
      client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicit(params));
    }
    await client.connect(new MemoryTransport(this));
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hangUp();
    await this.ended;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const message: WireMessage = JSON.parse(line);
        this.received.push(message);
        this.onMessage?.(message);
      }
      for (const wake of this.#readers.splice(0)) wake();
    }
  }
}

export function initializeRequest(id: string | number, protocolVersion = "2025-11-25") {
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: "test-host", version: "1.0.0" } };
  return { jsonrpc: "2.0", id, method: "initialize", params };
}

/** What a request of revision 2026-07-28 says of its host. */
export interface ModernHost {
  name?: string;
  capabilities?: Record<string, unknown>;
  version?: string;
}

export function modernRequest(
  id: string | number,
  method: string,
  { params = {}, name = "test-host", capabilities = {}, version = "2026-07-28" }:
    & ModernHost
    & { params?: Record<string, unknown> } = {},
) {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": version,
    "io.modelcontextprotocol/clientInfo": { name, version: "1.0.0" },
    "io.modelcontextprotocol/clientCapabilities": capabilities,
  };
  const given = typeof params._meta === "object" ? params._meta : {};
  return { jsonrpc: "2.0", id, method, params: { ...params, _meta: { ...meta, ...given } } };
}

class MemoryTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #host: MemoryHost;

  constructor(host: MemoryHost) {
    this.#host = host;
    host.onMessage = (message) => this.onmessage?.(JSONRPCMessageSchema.parse(message));
  }

  async start(): Promise<void> {}

  send(message: JSONRPCMessage): Promise<void> {
    return this.#host.send(message);
  }

  async close(): Promise<void> {
    await this.#host.hangUp();
    this.onclose?.();
  }
}
