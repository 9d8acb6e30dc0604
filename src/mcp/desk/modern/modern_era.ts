/**
 * Room `mcp`: what the front desk knows of revision 2026-07-28. A request of that era loses its envelope here, goes the
 * way of all others, and its answer gets that era's form on the way out: behind the desk nothing knows of two eras but
 * what a caller can do.
 *
 * @module
 */
import {
  isRecord,
  type RequestId,
  type RpcFailure,
  type RpcNotification,
  type RpcRequest,
  unknownMethod,
} from "../json_rpc.ts";
import { type Caller, hasExtension, lacksExtension } from "./envelope.ts";
import { capabilitiesIn } from "../capabilities.ts";
import { MODERN_VERSION } from "../protocol_version.ts";
import { EXTENSION_OF } from "./extensions.ts";
import { Listening, type ListeningOptions } from "./listening.ts";
import { modernAnswer } from "./modern_result.ts";

/** Notifications that a host of this era gets through its subscriptions alone. */
const SUBSCRIBED: readonly string[] = ["notifications/tools/list_changed", "notifications/resources/updated"];

/** Requests of this era that the session answers. */
const SESSION_METHODS: readonly string[] = [
  "tools/call",
  "resources/read",
  ...Object.keys(EXTENSION_OF),
];

/** What the server says of itself in every era. */
export interface Greeting {
  readonly serverInfo: { name: string; title: string; version: string };
  readonly instructions: string;
}

export interface ModernEraOptions extends ListeningOptions {
  greeting: Greeting;
}

export class ModernEra {
  readonly #options: ModernEraOptions;
  readonly #listening: Listening;
  /** The methods of this era's requests under way, by id. */
  readonly #methods = new Map<RequestId, string>();
  #isSpoken = false;

  constructor(options: ModernEraOptions) {
    this.#options = options;
    this.#listening = new Listening(options);
  }

  /** Whether the host has sent a request of this era. */
  get isSpoken(): boolean {
    return this.#isSpoken;
  }

  /** Notes a request, whose answer {@link inItsForm} will know. */
  begin({ id, method }: RpcRequest): void {
    this.#isSpoken = true;
    this.#methods.set(id, method);
  }

  /** Opens a subscription, whose answer comes when it ends. */
  listen(request: RpcRequest, caller: Caller): void {
    this.#isSpoken = true;
    void this.#listening.open(request, caller);
  }

  /** The answer to what the session cannot be asked; `null` for what it can. */
  refusal(request: RpcRequest, caller: Caller): RpcFailure | null {
    const { id, method } = request;
    if (!SESSION_METHODS.includes(method)) return unknownMethod(request);
    const extension = EXTENSION_OF[method];
    return extension === undefined || hasExtension(caller, extension) ? null : lacksExtension(id, extension);
  }

  /** The result of `server/discover`. */
  discovery(): Record<string, unknown> {
    const { instructions } = this.#options.greeting;
    return {
      supportedVersions: [MODERN_VERSION],
      capabilities: capabilitiesIn(MODERN_VERSION),
      instructions,
    };
  }

  /** An answer as the era of its request wants it; whatever else is to be sent, as it is. */
  inItsForm(message: unknown): unknown {
    if (!isRecord(message) || "method" in message) return message;
    const { id } = message;
    const method = typeof id === "string" || typeof id === "number" ? this.#methods.get(id) : undefined;
    const { serverInfo } = this.#options.greeting;
    return method === undefined ? message : modernAnswer(message, { method, serverInfo });
  }

  /** What a host is told unasked: `null` for what is told as in the older era. */
  async copiesOf(notification: RpcNotification): Promise<RpcNotification[] | null> {
    return SUBSCRIBED.includes(notification.method) ? await this.#listening.copiesOf(notification) : null;
  }

  /** @returns whether `id` was that of a subscription, which is then over. */
  endListening(id: RequestId): boolean {
    return this.#listening.cancel(id);
  }

  /** The request was answered or cancelled. */
  forget(id: RequestId): void {
    this.#methods.delete(id);
  }

  close(): void {
    this.#listening.close();
  }
}
