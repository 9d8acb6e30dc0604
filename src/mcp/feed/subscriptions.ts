/**
 * Room `mcp`: hosts that want to hear when a resource has changed. They hear of every change of a job's state; what a
 * running job adds to its transcript is no news of its own, or a host would hear of nothing else.
 *
 * @module
 */
import type { CallOptions } from "../../service/call.ts";
import type { JobService } from "../../service/job_service.ts";
import type { FeedPage } from "../../service/read_requests.ts";
import type { Log } from "../../system/log.ts";
import { FeedLoop } from "./feed_loop.ts";
import { noResource } from "../resources/read_resource.ts";
import { readResourceUri } from "../resources/resource_uri.ts";

/** Subscriptions of one host: more than any has a reason for. */
const MOST = 1_000;

export interface SubscriptionsOptions {
  service: Pick<JobService, "feed">;
  /** The resource has changed. */
  tell: (uri: string) => Promise<void>;
  /** Aborted when nobody is left to be told. */
  signal: AbortSignal;
  log: Log;
}

export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #loop: FeedLoop;
  /** The job of each address; `null` for the list of jobs. */
  readonly #jobs = new Map<string, string | null>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
    const { service, signal, log } = options;
    this.#loop = new FeedLoop({
      service,
      signal,
      log,
      finishedOnly: false,
      isWanted: () => this.#jobs.size > 0,
      take: (page) => this.#take(page),
    });
  }

  /** @throws {RpcFault} for an address that is none of ours. */
  async add(uri: string, options: CallOptions): Promise<void> {
    const resource = readResourceUri(uri);
    if (resource === null || this.#jobs.size >= MOST) throw noResource(uri);
    const { cursor } = await this.#options.service.feed({}, options);
    this.#jobs.set(uri, resource.kind === "list" ? null : resource.jobId);
    if (this.#jobs.size === 1) this.#loop.readFrom(cursor);
  }

  remove(uri: string): void {
    this.#jobs.delete(uri);
  }

  async #take(page: FeedPage): Promise<void> {
    const changed = new Set(page.notifications.map((entry) => entry.job_id));
    if (changed.size === 0) return;
    for (const [uri, jobId] of this.#jobs) {
      if (jobId === null || changed.has(jobId)) await this.#options.tell(uri);
    }
  }
}
