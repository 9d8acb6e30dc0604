/**
 * Room `service`: the service itself, inside the daemon. With its parts (`local_*.ts`) it alone reaches the store and
 * the scheduler.
 *
 * @module
 */
import type { z } from "zod";
import { AgentAsyncError, invalidArguments } from "../domain/errors.ts";
import { isoTime } from "../domain/ids.ts";
import type { Job } from "../domain/job.ts";
import type { ApprovalPolicy } from "../domain/policy.ts";
import { isFinished } from "../domain/reason.ts";
import { type JobResult, toBrief, toJobResult } from "../domain/result.ts";
import { transition } from "../domain/transition.ts";
import { JobFacts } from "../scheduler/job_facts.ts";
import { readRequest } from "../scheduler/turn_files.ts";
import { readPage, readTranscriptPage } from "../scheduler/job_reading.ts";
import { findJob } from "../scheduler/job_view.ts";
import { ANY_JOB } from "../scheduler/listeners.ts";
import type { Retention } from "../scheduler/retention.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { JobStore } from "../store/job_store.ts";
import type { Clock } from "../system/clock.ts";
import type { CallOptions, JobService } from "./job_service.ts";
import { acceptReply } from "./local_reply.ts";
import { acceptStart } from "./local_start.ts";
import { localStatistics } from "./local_statistics.ts";
import { throwIfGivenUp, waitForJobs } from "./local_wait.ts";
import * as ask from "./requests.ts";

/** What the configuration says, read anew for each call. */
export interface ServiceSettings {
  defaultPolicy: ApprovalPolicy;
  maxPolicy: ApprovalPolicy;
  allowedRoots: readonly string[];
  maxRuntimeSeconds: number;
  total: number;
  depth: number;
}

export interface LocalDependencies {
  store: JobStore;
  scheduler: Scheduler;
  directories: Scheduler["options"]["directories"];
  /** @throws {AgentAsyncError} `config_invalid`. */
  settings: () => ServiceSettings;
  clock: Clock;
  retention: Retention;
}

/** Briefs of unfinished jobs in an answer. */
const MAX_BRIEFS = 100;

export class LocalService implements JobService {
  readonly #facts: JobFacts;

  constructor(readonly dependencies: LocalDependencies) {
    this.#facts = new JobFacts(dependencies);
  }

  async start(request: ask.StartRequest): Promise<ask.Receipt> {
    const job = await acceptStart(parse(ask.StartRequest, request), this.dependencies);
    await this.dependencies.scheduler.reconcile();
    return await this.#receipt(job.id, 1);
  }

  async reply(request: ask.ReplyRequest): Promise<ask.Receipt> {
    const { job, turn } = await acceptReply(parse(ask.ReplyRequest, request), this.dependencies);
    await this.dependencies.scheduler.reconcile();
    return await this.#receipt(job.id, turn);
  }

  async poll(request: ask.PollRequest): Promise<JobResult> {
    const { job_id, tail_lines } = parse(ask.PollRequest, request);
    return this.#result(await findJobOrThrow(this.dependencies.store, job_id), tail_lines);
  }

  async wait(request: ask.WaitRequest, options: CallOptions = {}): Promise<ask.WaitResult> {
    const wanted = parse(ask.WaitRequest, request);
    const waited = await waitForJobs(wanted, this.dependencies, options);
    return {
      timed_out: waited.timedOut,
      jobs: waited.ended.map((job) => this.#result(job, wanted.tail_lines)),
      unfinished: waited.unfinished.slice(0, MAX_BRIEFS).map((job) => this.#brief(job)),
      cursor: waited.cursor,
    };
  }

  async events(request: ask.EventsRequest, options: CallOptions = {}): Promise<ask.EventsPage> {
    const wanted = parse(ask.EventsRequest, request);
    return await this.#following(wanted.job_id, wanted.wait_seconds, options, async (job, directory) => {
      const page = await readPage(directory, { ...wanted, maxChars: ask.EVENTS_PAGE_CHARS });
      const isNews = page.events.length > 0 || page.more;
      return { isNews, answer: { ...page, status: job.state.status } };
    });
  }

  async transcript(request: ask.TranscriptRequest, options: CallOptions = {}): Promise<ask.TranscriptPage> {
    const wanted = parse(ask.TranscriptRequest, request);
    return await this.#following(wanted.job_id, wanted.wait_seconds, options, async (job, directory) => {
      const page = await readTranscriptPage(directory, wanted.offset);
      return { isNews: page.text !== "", answer: { ...page, status: job.state.status } };
    });
  }

  async cancel(request: ask.CancelRequest): Promise<ask.CancelReceipt> {
    const { job_id } = parse(ask.CancelRequest, request);
    const { store } = this.dependencies;
    const before = await findJobOrThrow(store, job_id);
    if (isFinished(before.state.status)) {
      const message = `Job ${job_id} had already ended (${before.state.status}); nothing was changed.`;
      return { job_id, status: before.state.status, message };
    }
    const after = await this.#cancelTree(before);
    const message = after.state.status === "cancelled"
      ? `Job ${job_id} is cancelled; nothing of it is left running. Files that it wrote are still there.`
      : `Job ${job_id} ended (${after.state.status}) before it could be cancelled.`;
    return { job_id, status: after.state.status, message };
  }

  async list(request: ask.ListRequest): Promise<ask.ListResult> {
    const wanted = parse(ask.ListRequest, request);
    const { store } = this.dependencies;
    const { jobs, total } = wanted.id_prefix === undefined
      ? await store.list(wanted)
      : counted(await store.beginningWith(wanted.id_prefix, wanted.limit));
    return { jobs: jobs.map((job) => this.#brief(job)), total };
  }

  async queue(request: ask.QueueRequest): Promise<ask.QueueStatus> {
    const { origin } = parse(ask.QueueRequest, request);
    const { scheduler } = this.dependencies;
    const { running, pending } = scheduler.queue();
    const { total, depth } = this.dependencies.settings();
    const agents = await scheduler.options.catalog.detectAll(origin.env);
    return {
      busy: running.length >= total,
      running: running.map((job) => this.#brief(job)),
      pending: pending.slice(0, MAX_BRIEFS).map((job) => this.#brief(job)),
      pending_count: pending.length,
      limits: { total, depth },
      agents: agents.map((agent) => ({
        name: agent.name,
        available: agent.available,
        ...(agent.version === null ? {} : { version: agent.version }),
        ...(agent.hint === null ? {} : { hint: agent.hint }),
      })),
    };
  }

  async feed(request: ask.FeedRequest, options: CallOptions = {}): Promise<ask.FeedPage> {
    const wanted = parse(ask.FeedRequest, request);
    const { store, scheduler, clock } = this.dependencies;
    if (wanted.cursor === undefined) return { notifications: [], cursor: await store.feedHead() };
    const deadline = clock.steady() + wanted.wait_seconds * 1000;
    for (;;) {
      const left = deadline - clock.steady();
      const stopped = new AbortController();
      const signals = [stopped.signal, ...options.signal === undefined ? [] : [options.signal]];
      const heard = scheduler.updated([ANY_JOB], { ms: Math.max(0, left), signal: AbortSignal.any(signals) });
      const { entries, cursor } = await store.feed(wanted.cursor, {
        limit: wanted.limit,
        finishedOnly: wanted.finished_only,
      });
      if (entries.length > 0 || left <= 0) {
        stopped.abort();
        const notifications = entries.map(({ at, ...entry }) => ({ ...entry, time: isoTime(at) }));
        return { notifications, cursor };
      }
      await heard;
      throwIfGivenUp(options);
    }
  }

  async prune(request: ask.PruneRequest): Promise<ask.PruneResult> {
    const { older_than_days, dry_run } = parse(ask.PruneRequest, request);
    const { retention, scheduler } = this.dependencies;
    const { retentionDays, retentionBytes } = scheduler.options.limits();
    const pruned = await retention.prune({
      olderThanDays: older_than_days ?? retentionDays,
      maxBytes: older_than_days === undefined ? retentionBytes : null,
      dryRun: dry_run,
    });
    return { ...pruned, dry_run };
  }

  async stats(request: ask.StatsRequest, options: CallOptions = {}): Promise<ask.StatsResult> {
    return await localStatistics(parse(ask.StatsRequest, request), this.#facts, {
      now: this.dependencies.clock.now(),
      call: options,
    });
  }

  async notifyDone(request: ask.NotifyDoneRequest): Promise<JobResult> {
    const { job_id, summary } = parse(ask.NotifyDoneRequest, request);
    const { job } = await this.dependencies.store.update(
      job_id,
      (job) => transition(job, { type: "summarize", summary: summary ?? "" }),
    );
    await this.dependencies.scheduler.reconcile();
    return this.#result(job, 0);
  }

  /** Children first, the deepest before those who started them. */
  async #cancelTree(job: Job): Promise<Job> {
    for (const child of await this.dependencies.store.childrenOf(job.id)) {
      if (!isFinished(child.state.status) || await this.#hasActiveChildren(child)) {
        await this.#cancelTree(child);
      }
    }
    const ended = await this.dependencies.scheduler.cancel(job.id);
    // One that the agent started while its first children were being ended.
    const late = await this.dependencies.store.childrenOf(job.id);
    for (const child of late) if (!isFinished(child.state.status)) await this.#cancelTree(child);
    return ended;
  }

  async #hasActiveChildren(job: Job): Promise<boolean> {
    for (const child of await this.dependencies.store.childrenOf(job.id)) {
      if (!isFinished(child.state.status) || await this.#hasActiveChildren(child)) return true;
    }
    return false;
  }

  /** Reads; while there is no news and the job goes on, waits and reads again until time is up. */
  async #following<T>(
    id: string,
    waitSeconds: number,
    options: CallOptions,
    read: (job: Job, directory: Directory) => Promise<{ isNews: boolean; answer: T }>,
  ): Promise<T> {
    const { store, scheduler, clock, directories } = this.dependencies;
    const deadline = clock.steady() + waitSeconds * 1000;
    for (;;) {
      const left = deadline - clock.steady();
      const stopped = new AbortController();
      const signals = [stopped.signal, ...options.signal === undefined ? [] : [options.signal]];
      const heard = scheduler.progressed(id, { ms: Math.max(0, left), signal: AbortSignal.any(signals) });
      try {
        // The state is read first: of a job that has ended by then, all events are there to be read.
        const job = await findJobOrThrow(store, id);
        const { isNews, answer } = await read(job, directories.job(id));
        if (isNews || left <= 0 || isFinished(job.state.status)) return answer;
        await heard;
      } finally {
        stopped.abort();
      }
      throwIfGivenUp(options);
    }
  }

  async #receipt(id: string, turn: number): Promise<ask.Receipt> {
    const { store, scheduler, directories } = this.dependencies;
    const job = await findJobOrThrow(store, id);
    const position = scheduler.position(id);
    const { waitingFor } = scheduler.live(job);
    const waiting = job.turn === turn ? waitingFor : `turn ${job.turn} of this job to end`;
    return {
      job_id: id,
      agent: job.agent,
      status: job.state.status,
      turn,
      ...(position === null ? {} : { position }),
      ...(waiting === undefined ? {} : { waiting_for: waiting }),
      cursor: readRequest(directories.job(id).turn(turn))?.cursor ?? 0,
      message: receiptMessage(job, waiting),
    };
  }

  #result(job: Job, tailLines: number): JobResult {
    const { scheduler, directories, clock } = this.dependencies;
    const findings = findJob(job, tailLines, { directories, supervisor: scheduler.supervisor });
    return toJobResult(job, findings, scheduler.live(job), clock.now());
  }

  #brief(job: Job) {
    return toBrief(job, this.dependencies.scheduler.live(job));
  }
}

function counted(jobs: Job[]): { jobs: Job[]; total: number } {
  return { jobs, total: jobs.length };
}

type Directory = ReturnType<LocalDependencies["directories"]["job"]>;

/** @throws {AgentAsyncError} `not_found`. */
export async function findJobOrThrow(store: JobStore, id: string): Promise<Job> {
  const job = await store.get(id);
  if (job !== null) return job;
  throw new AgentAsyncError("not_found", `There is no job ${id}`, {
    hint: "See the jobs there are with job_list; finished ones are pruned after a while.",
  });
}

function receiptMessage(job: Job, waiting: string | undefined): string {
  switch (job.state.status) {
    case "running":
      return `Job ${job.id} is running. Go on with other work, then call job_wait or job_poll.`;
    case "pending":
      return `Job ${job.id} is accepted${waiting === undefined ? "" : ` and waits for ${waiting}`}. ` +
        "It starts by itself: call job_wait or job_poll later.";
    default:
      return `Job ${job.id} has ended (${job.state.status}). Read it with job_poll.`;
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, request: z.input<Schema>): z.output<Schema> {
  const parsed = schema.safeParse(request);
  if (!parsed.success) throw invalidArguments(parsed.error);
  return parsed.data;
}
