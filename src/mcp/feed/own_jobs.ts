/**
 * Room `mcp`: the jobs that this session has started or continued, until they have ended. What has been told is
 * remembered by its place in the feed: nothing is told twice, whatever is read or started twice.
 *
 * @module
 */
import { isAgentAsyncError } from "../../domain/errors.ts";
import { isFinished } from "../../domain/job/reason.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { CallOptions } from "../../service/call.ts";
import type { JobService } from "../../service/job_service.ts";
import type { FeedPage, Notification } from "../../service/read_requests.ts";
import type { Receipt, ReplyRequest, StartRequest } from "../../service/requests.ts";
import type { Log } from "../../system/log.ts";
import { FeedLoop } from "./feed_loop.ts";

export interface OwnJobsOptions {
  service: Pick<JobService, "start" | "reply" | "poll" | "feed">;
  /** The feed's cursor at which this session begins. */
  beginning: () => Promise<number>;
  /** A job has ended and does not go on by itself, or it asks something. */
  tell: (news: Notification, job: JobResult) => Promise<void>;
  /** Aborted when nobody is left to be told. */
  signal: AbortSignal;
  log: Log;
}

export class OwnJobs implements Pick<JobService, "start" | "reply"> {
  readonly #options: OwnJobsOptions;
  readonly #loop: FeedLoop;
  /** By id; `hadEnded`: by its receipt, so that its end lies behind the cursor, if it is of this session's time. */
  readonly #jobs = new Map<string, { readonly hadEnded: boolean }>();
  /** The last end or question told of each job, by its cursor. */
  readonly #told = new Map<string, number>();

  constructor(options: OwnJobsOptions) {
    this.#options = options;
    const { service, signal, log } = options;
    this.#loop = new FeedLoop({
      service,
      signal,
      log,
      finishedOnly: true,
      withQuestions: true,
      isWanted: () => this.#jobs.size > 0,
      isHasty: () => this.#jobs.values().some((job) => job.hadEnded),
      take: (page) => this.#take(page),
    });
  }

  /** The jobs that have not ended as far as this session knows. */
  ids(): readonly string[] {
    return [...this.#jobs.keys()];
  }

  start(request: StartRequest, options?: CallOptions): Promise<Receipt> {
    return this.#adopt(() => this.#options.service.start(request, options));
  }

  reply(request: ReplyRequest, options?: CallOptions): Promise<Receipt> {
    return this.#adopt(() => this.#options.service.reply(request, options));
  }

  async #adopt(call: () => Promise<Receipt>): Promise<Receipt> {
    // The cursor is read before the job exists, so the job's end comes after it.
    const since = this.#loop.cursor ?? await this.#options.beginning();
    const receipt = await call();
    this.#jobs.set(receipt.job_id, { hadEnded: isFinished(receipt.status) });
    this.#loop.readFrom(since);
    return receipt;
  }

  async #take(page: FeedPage): Promise<void> {
    for (const entry of page.notifications) {
      const isTold = entry.cursor <= (this.#told.get(entry.job_id) ?? 0);
      if (!this.#jobs.has(entry.job_id) || isTold) continue;
      await (entry.asked === undefined ? this.#end(entry) : this.#ask(entry));
    }
    if (!this.#loop.isLast(page)) return;
    // The job ended before this session, or its end was told: the receipt has said so.
    for (const [id, { hadEnded }] of this.#jobs) if (hadEnded) this.#jobs.delete(id);
  }

  async #end(entry: Notification): Promise<void> {
    const job = await this.#poll(entry.job_id);
    // With a waiting reply, a fallback or a limit to be waited out it goes on, and ends again.
    if (job !== null && (job.turn !== entry.turn || !isFinished(job.status))) return;
    this.#jobs.delete(entry.job_id);
    this.#told.set(entry.job_id, entry.cursor);
    if (job !== null) await this.#options.tell(entry, job);
  }

  async #ask(entry: Notification): Promise<void> {
    const job = await this.#poll(entry.job_id);
    this.#told.set(entry.job_id, entry.cursor);
    const isOpen = job?.questions?.some(({ question_id }) => entry.asked?.includes(question_id)) ?? false;
    if (job !== null && isOpen) await this.#options.tell(entry, job);
  }

  /** `null` when the job was pruned meanwhile. */
  async #poll(jobId: string): Promise<JobResult | null> {
    try {
      return await this.#options.service.poll({ job_id: jobId, tail_lines: 0 }, {
        signal: this.#options.signal,
      });
    } catch (error) {
      if (isAgentAsyncError(error, "not_found")) return null;
      throw error;
    }
  }
}
