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
import { LIST_URI } from "../../resources/resource_uri.ts";
import { type Caller, hasExtension, lacksExtension } from "./envelope.ts";
import { TASKS_EXTENSION } from "./extensions.ts";

const SUBSCRIPTION_KEY = "io.modelcontextprotocol/subscriptionId";

/** Subscriptions of one host: more than any has a reason for. */
const MOST = 1_000;

/** What a subscription gets. Lists of prompts and resources never change unasked here. */
interface Filter {
  readonly toolsListChanged?: true;
  readonly resourceSubscriptions?: readonly string[];
  readonly taskIds?: readonly string[];
}

interface Subscription {
  readonly filter: Filter;
  readonly caller: Caller;
}

export interface ListeningOptions {
  send: (message: unknown) => void;
  /** Begins to watch a resource; rejects for an address without one. */
  watch: (uri: string) => Promise<void>;
  unwatch: (uri: string) => void;
  /** A task as `tasks/get` has it; rejects for an id of no task. */
  taskOf: (taskId: string, caller: Caller) => Promise<Record<string, unknown>>;
}

export class Listening {
  readonly #options: ListeningOptions;
  /** Those that are acknowledged, by the id of the request. */
  readonly #open = new Map<RequestId, Subscription>();
  /** Those whose resources are being looked for. */
  readonly #opening = new Set<RequestId>();

  constructor(options: ListeningOptions) {
    this.#options = options;
  }

  /** Acknowledges the subscription, or refuses it. Never throws. */
  async open({ id, params = {} }: RpcRequest, caller: Caller): Promise<void> {
    const { notifications: wanted } = params;
    const fault = faultOf(wanted);
    if (fault !== null) return this.#options.send(failure(id, INVALID_PARAMS, fault));
    const isOfTasks = isRecord(wanted) && wanted.taskIds !== undefined;
    if (isOfTasks && !hasExtension(caller, TASKS_EXTENSION)) {
      return this.#options.send(lacksExtension(id, TASKS_EXTENSION));
    }
    if (this.#open.size + this.#opening.size >= MOST) {
      return this.#options.send(failure(id, INTERNAL_ERROR, `${MOST} subscriptions are open already`));
    }
    this.#opening.add(id);
    const filter = await this.#honoured(isRecord(wanted) ? wanted : {}, caller);
    // Cancelled meanwhile: nothing more may be said about it.
    if (!this.#opening.delete(id)) return this.#release(filter);
    this.#open.set(id, { filter, caller });
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
    const subscription = this.#open.get(id);
    if (subscription === undefined) return false;
    this.#open.delete(id);
    this.#release(subscription.filter);
    return true;
  }

  /** What each subscription that wants this notification gets for it. */
  async copiesOf(notification: RpcNotification): Promise<RpcNotification[]> {
    const uri = notification.params?.uri;
    const copies: RpcNotification[] = [];
    for (const [id, { filter, caller }] of this.#open) {
      const isWanted = notification.method === "notifications/tools/list_changed"
        ? filter.toolsListChanged === true
        : typeof uri === "string" && filter.resourceSubscriptions?.includes(uri) === true;
      if (isWanted) copies.push(stamped(notification, id));
      const taskId = filter.taskIds?.find((one) => taskUri(one) === uri);
      const task = taskId === undefined ? null : await this.#options.taskOf(taskId, caller).catch(() => null);
      if (task !== null) {
        copies.push(stamped({ jsonrpc: "2.0", method: "notifications/tasks", params: task }, id));
      }
    }
    return copies;
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

  async #honoured(wanted: Readonly<Record<string, unknown>>, caller: Caller): Promise<Filter> {
    const { toolsListChanged, resourceSubscriptions, taskIds } = wanted;
    // What is none of ours the acknowledgement leaves out, which tells the host.
    const resources = await those(texts(resourceSubscriptions), (uri) => this.#options.watch(uri));
    const tasks = await those(texts(taskIds), async (taskId) => {
      await this.#options.taskOf(taskId, caller);
      await this.#options.watch(taskUri(taskId));
    });
    return {
      ...(toolsListChanged === true ? { toolsListChanged } : {}),
      ...(resources.length === 0 ? {} : { resourceSubscriptions: resources }),
      ...(tasks.length === 0 ? {} : { taskIds: tasks }),
    };
  }

  /** No longer watches what no other subscription wants. */
  #release(filter: Filter): void {
    for (const uri of watchedBy(filter)) {
      const isWanted = this.#open.values().some((other) => watchedBy(other.filter).includes(uri));
      if (!isWanted) this.#options.unwatch(uri);
    }
  }
}

/** A task is a job, and changes as the job does. */
function taskUri(taskId: string): string {
  return `${LIST_URI}${taskId}`;
}

function watchedBy({ resourceSubscriptions = [], taskIds = [] }: Filter): string[] {
  return [...resourceSubscriptions, ...taskIds.map(taskUri)];
}

/** Those of `given` that `check` lets pass, each once. */
async function those(given: readonly string[], check: (one: string) => Promise<void>): Promise<string[]> {
  const passed = await Promise.all(
    [...new Set(given)].map((one) => check(one).then(() => [one], () => [])),
  );
  return passed.flat();
}

function faultOf(wanted: unknown): string | null {
  if (!isRecord(wanted)) return "notifications: is required, as an object";
  for (const name of ["toolsListChanged", "promptsListChanged", "resourcesListChanged"]) {
    const value = wanted[name];
    if (value !== undefined && typeof value !== "boolean") {
      return `notifications.${name}: must be true or false`;
    }
  }
  const notTexts = ["resourceSubscriptions", "taskIds"].find((name) =>
    wanted[name] !== undefined && texts(wanted[name]).length === 0 && !isEmptyList(wanted[name])
  );
  return notTexts === undefined ? null : `notifications.${notTexts}: must be a list of texts`;
}

/** A list of texts; empty for anything else. */
function texts(value: unknown): string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string") ? value : [];
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function stamped(notification: RpcNotification, id: RequestId): RpcNotification {
  const meta = notification.params?._meta;
  return {
    ...notification,
    params: { ...notification.params, _meta: { ...(isRecord(meta) ? meta : {}), [SUBSCRIPTION_KEY]: id } },
  };
}
