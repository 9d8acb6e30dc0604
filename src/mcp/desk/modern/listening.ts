/**
 * Room `mcp`: `subscriptions/listen` of revision 2026-07-28. A host hears of nothing that it has not asked for; each
 * notification goes to every subscription that wants it, with that subscription's id.
 *
 * @module
 */
import {
  failure,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  isRecord,
  type RequestId,
  type RpcNotification,
  type RpcRequest,
} from "../json_rpc.ts";

const SUBSCRIPTION_KEY = "io.modelcontextprotocol/subscriptionId";

/** Subscriptions of one host: more than any has a reason for. */
const MOST = 1_000;

/** What a subscription gets. Lists of prompts and resources never change unasked here. */
interface Filter {
  readonly toolsListChanged?: true;
  readonly resourceSubscriptions?: readonly string[];
}

export interface ListeningOptions {
  send: (message: unknown) => void;
  /** Begins to watch a resource; rejects for an address without one. */
  watch: (uri: string) => Promise<void>;
  unwatch: (uri: string) => void;
}

export class Listening {
  readonly #options: ListeningOptions;
  /** Those that are acknowledged, by the id of the request. */
  readonly #open = new Map<RequestId, Filter>();
  /** Those whose resources are being looked for. */
  readonly #opening = new Set<RequestId>();

  constructor(options: ListeningOptions) {
    this.#options = options;
  }

  /** Acknowledges the subscription, or refuses it. Never throws. */
  async open({ id, params = {} }: RpcRequest): Promise<void> {
    const { notifications: wanted } = params;
    const fault = faultOf(wanted);
    if (fault !== null) return this.#options.send(failure(id, INVALID_PARAMS, fault));
    if (this.#open.size + this.#opening.size >= MOST) {
      return this.#options.send(failure(id, INTERNAL_ERROR, `${MOST} subscriptions are open already`));
    }
    this.#opening.add(id);
    const filter = await this.#honoured(isRecord(wanted) ? wanted : {});
    // Cancelled meanwhile: nothing more may be said about it.
    if (!this.#opening.delete(id)) return this.#release(filter);
    this.#open.set(id, filter);
    this.#options.send(
      stamped({
        jsonrpc: "2.0",
        method: "notifications/subscriptions/acknowledged",
        params: { notifications: filter },
      }, id),
    );
  }

  /** Ends a subscription without a word, as its host wants it. @returns whether there was one of that id. */
  cancel(id: RequestId): boolean {
    if (this.#opening.delete(id)) return true;
    const filter = this.#open.get(id);
    if (filter === undefined) return false;
    this.#open.delete(id);
    this.#release(filter);
    return true;
  }

  /** One notification for each subscription that wants this one. */
  copiesOf(notification: RpcNotification): RpcNotification[] {
    const uri = notification.params?.uri;
    return [...this.#open].flatMap(([id, filter]) => {
      const isWanted = notification.method === "notifications/tools/list_changed"
        ? filter.toolsListChanged === true
        : typeof uri === "string" && filter.resourceSubscriptions?.includes(uri) === true;
      return isWanted ? [stamped(notification, id)] : [];
    });
  }

  /** Ends all of them, in so many words. */
  close(): void {
    this.#opening.clear();
    for (const id of this.#open.keys()) {
      this.#options.send({
        jsonrpc: "2.0",
        id,
        result: { resultType: "complete", _meta: { [SUBSCRIPTION_KEY]: id } },
      });
    }
    this.#open.clear();
  }

  async #honoured(wanted: Readonly<Record<string, unknown>>): Promise<Filter> {
    const { toolsListChanged, resourceSubscriptions } = wanted;
    const uris = new Set(isTexts(resourceSubscriptions) ? resourceSubscriptions : []);
    const watched = await Promise.all([...uris].map(async (uri) => {
      try {
        await this.#options.watch(uri);
        return [uri];
      } catch {
        // No resource of ours: the acknowledgement leaves it out, which tells the host.
        return [];
      }
    }));
    const found = watched.flat();
    return {
      ...(toolsListChanged === true ? { toolsListChanged } : {}),
      ...(found.length === 0 ? {} : { resourceSubscriptions: found }),
    };
  }

  /** No longer watches what no other subscription wants. */
  #release({ resourceSubscriptions = [] }: Filter): void {
    for (const uri of resourceSubscriptions) {
      const isWanted = this.#open.values().some((other) => other.resourceSubscriptions?.includes(uri));
      if (!isWanted) this.#options.unwatch(uri);
    }
  }
}

function faultOf(wanted: unknown): string | null {
  if (!isRecord(wanted)) return "notifications: is required, as an object";
  for (const name of ["toolsListChanged", "promptsListChanged", "resourcesListChanged"]) {
    const value = wanted[name];
    if (value !== undefined && typeof value !== "boolean") {
      return `notifications.${name}: must be true or false`;
    }
  }
  const uris = wanted.resourceSubscriptions;
  return uris === undefined || isTexts(uris)
    ? null
    : "notifications.resourceSubscriptions: must be a list of texts";
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function stamped(notification: RpcNotification, id: RequestId): RpcNotification {
  const meta = notification.params?._meta;
  return {
    ...notification,
    params: { ...notification.params, _meta: { ...(isRecord(meta) ? meta : {}), [SUBSCRIPTION_KEY]: id } },
  };
}
