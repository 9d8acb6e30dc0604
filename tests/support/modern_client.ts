/**
 * The official client of revision 2026-07-28 on the wire of a {@link MemoryHost}.
 *
 * @module
 */
import {
  Client,
  type ClientOptions,
  type JSONRPCMessage,
  type Transport,
} from "@modelcontextprotocol/client";
// @ts-types="@modelcontextprotocol/sdk/types"
import { JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";
import type { MemoryHost } from "./memory_host.ts";

/** @param configure is called before the client speaks: it declares what the client can do. */
export async function modernClient(
  host: MemoryHost,
  { configure, ...options }: ClientOptions & { configure?: (client: Client) => void } = {},
): Promise<Client> {
  const client = new Client({ name: "test-host", version: "1.0.0" }, {
    versionNegotiation: { mode: "auto" },
    ...options,
  });
  configure?.(client);
  await client.connect(new HostTransport(host));
  return client;
}

class HostTransport implements Transport {
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
