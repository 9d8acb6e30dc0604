/**
 * A bridge from HTTP, which is all that the official conformance suite speaks, to the program on stdio. Of HTTP it has
 * what the suite needs to get at the program; what the suite says of HTTP itself is said of this file.
 *
 * @module
 */
// @ts-types="@modelcontextprotocol/sdk/server/webStandardStreamableHttp"
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { isRecord } from "../../src/mcp/desk/json_rpc.ts";
// @ts-types="@modelcontextprotocol/sdk/types"
import { JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";
import { ModernBridge } from "./modern_bridge.ts";
import { StdioLine, type StdioLineOptions } from "./stdio_line.ts";

const MODERN = "2026-07-28";

export class Bridge implements AsyncDisposable {
  readonly url: string;
  readonly #options: StdioLineOptions;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #stack = new AsyncDisposableStack();
  readonly #sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  readonly #modern: ModernBridge;

  constructor(options: StdioLineOptions) {
    this.#options = options;
    this.#modern = this.#stack.use(new ModernBridge(this.#stack.use(new StdioLine(options))));
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}/mcp`;
  }

  /** Makes a first call, which loads what a call needs and starts the daemon. */
  async warmUp(): Promise<void> {
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": MODERN,
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const params = { name: "job_list", arguments: {}, _meta };
    const body = JSON.stringify({ jsonrpc: "2.0", id: "first", method: "tools/call", params });
    const answer = await fetch(this.url, { method: "POST", body });
    if (!answer.ok) throw new Error(`The program does not answer: ${await answer.text()}`);
    await answer.body?.cancel();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    for (const transport of this.#sessions.values()) await transport.close();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const body = request.method === "POST" ? await request.clone().json().catch(() => null) : null;
    const meta = isRecord(body) && isRecord(body.params) ? body.params._meta : undefined;
    const isModern = request.headers.get("mcp-protocol-version") === MODERN ||
      (isRecord(meta) && "io.modelcontextprotocol/protocolVersion" in meta);
    if (isModern && isRecord(body)) return await this.#modern.answer(body, request);
    return await this.#transportOf(request).handleRequest(request);
  }

  /** Each session of the older era has a process of its own, as every host has. */
  #transportOf(request: Request): WebStandardStreamableHTTPServerTransport {
    const known = this.#sessions.get(request.headers.get("mcp-session-id") ?? "");
    if (known !== undefined) return known;
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void this.#sessions.set(id, transport),
    });
    const line = this.#stack.use(new StdioLine(this.#options));
    transport.onmessage = (message) => void line.send(message);
    line.onmessage = (message) => void transport.send(JSONRPCMessageSchema.parse(message)).catch(() => {});
    return transport;
  }
}
