/**
 * Room `service`: the service itself, inside the daemon. With its parts (`local_*.ts`) it alone reaches the store and
 * the scheduler.
 *
 * @module
 */
import { checkedArguments } from "../../domain/reading/checked_arguments.ts";
import { opened } from "../../domain/reading/opened.ts";
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Job } from "../../domain/job/job.ts";
import { type JobResult, toBrief, toJobResult } from "../../domain/job/result.ts";
import { transition } from "../../domain/job/transition.ts";
import { JOB_VARIABLE } from "../../scheduler/turn/agent_environment.ts";
import { JobFacts } from "../../scheduler/job_facts.ts";
import { readPage, readTranscriptPage } from "../../scheduler/job_reading.ts";
import { findJob } from "../../scheduler/job_view.ts";
import { fileFailure } from "./file_failure.ts";
import type { CallOptions, JobService } from "../job_service.ts";
import { requireOutside, requireOwnJob } from "./caller.ts";
import { cancelJob } from "./cancel.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { followFeed, followJob } from "./following.ts";
import { receiptFor } from "./receipt.ts";
import { acceptReply } from "./reply.ts";
import { acceptStart } from "./start.ts";
import { localStatistics } from "./statistics.ts";
import { waitForJobs } from "./wait.ts";
import * as ask from "../requests.ts";
import { plainDirectory } from "./working_directory.ts";

/** Briefs of unfinished jobs in an answer. */
const MAX_BRIEFS = 100;

export class LocalService implements JobService {
  readonly #facts: JobFacts;

  constructor(readonly dependencies: LocalDependencies) {
    this.#facts = new JobFacts(dependencies);
  }

  async start(request: ask.StartRequest, { caller }: CallOptions = {}): Promise<ask.Receipt> {
    const wanted = checkedArguments(ask.StartRequest, request);
    const job = await acceptStart(wanted, this.dependencies, caller).catch((error) => {
      throw fileFailure(error, "start the job");
    });
    await this.dependencies.scheduler.reconcile();
    return await receiptFor(job.id, 1, this.dependencies);
  }

  async reply(request: ask.ReplyRequest, { caller }: CallOptions = {}): Promise<ask.Receipt> {
    const wanted = checkedArguments(ask.ReplyRequest, request);
    const around = await requireOwnJob({ job_id: wanted.job_id, verb: "reply to" }, caller, {
      mark: wanted.origin.env[JOB_VARIABLE],
      dependencies: this.dependencies,
    });
    const { job, turn } = await acceptReply(wanted, this.dependencies, around).catch((error) => {
      throw fileFailure(error, `reply to job ${wanted.job_id}`);
    });
    await this.dependencies.scheduler.reconcile();
    return await receiptFor(job.id, turn, this.dependencies);
  }

  async poll(request: ask.PollRequest): Promise<JobResult> {
    const { job_id, tail_lines } = checkedArguments(opened(ask.PollRequest), request);
    return this.#result(await findJobOrThrow(this.dependencies.store, job_id), tail_lines);
  }

  async wait(request: ask.WaitRequest, options: CallOptions = {}): Promise<ask.WaitResult> {
    const wanted = checkedArguments(opened(ask.WaitRequest), request);
    const waited = await waitForJobs(wanted, this.dependencies, options);
    return {
      timed_out: waited.timedOut,
      jobs: waited.ended.map((job) => this.#result(job, wanted.tail_lines)),
      unfinished: waited.unfinished.slice(0, MAX_BRIEFS).map((job) => this.#brief(job)),
      cursor: waited.cursor,
    };
  }

  async events(request: ask.EventsRequest, options: CallOptions = {}): Promise<ask.EventsPage> {
    const wanted = checkedArguments(opened(ask.EventsRequest), request);
    return await followJob(wanted, this.dependencies, options, async (job, directory) => {
      const page = await readPage(directory, { ...wanted, maxChars: ask.EVENTS_PAGE_CHARS });
      const isNews = page.events.length > 0 || page.more;
      return { isNews, answer: { ...page, status: job.state.status } };
    });
  }

  async transcript(request: ask.TranscriptRequest, options: CallOptions = {}): Promise<ask.TranscriptPage> {
    const wanted = checkedArguments(opened(ask.TranscriptRequest), request);
    return await followJob(wanted, this.dependencies, options, async (job, directory) => {
      const page = await readTranscriptPage(directory, wanted.offset);
      return { isNews: page.text !== "", answer: { ...page, status: job.state.status } };
    });
  }

  async cancel(request: ask.CancelRequest, { caller }: CallOptions = {}): Promise<ask.CancelReceipt> {
    const wanted = checkedArguments(ask.CancelRequest, request);
    await requireOwnJob({ ...wanted, verb: "cancel" }, caller, { dependencies: this.dependencies });
    return await cancelJob(wanted, this.dependencies);
  }

  async list(request: ask.ListRequest): Promise<ask.ListResult> {
    const wanted = checkedArguments(opened(ask.ListRequest), request);
    const { store } = this.dependencies;
    const { jobs, total } = wanted.id_prefix === undefined
      ? await store.list({
        ...wanted,
        cwd: wanted.cwd === undefined ? undefined : plainDirectory(wanted.cwd),
      })
      : counted(await store.beginningWith(wanted.id_prefix, wanted.limit));
    const notice = this.dependencies.notice?.() ?? null;
    return { jobs: jobs.map((job) => this.#brief(job)), total, ...(notice === null ? {} : { notice }) };
  }

  async queue(request: ask.QueueRequest): Promise<ask.QueueStatus> {
    const { origin } = checkedArguments(opened(ask.QueueRequest), request);
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
    return await followFeed(checkedArguments(opened(ask.FeedRequest), request), this.dependencies, options);
  }

  async prune(request: ask.PruneRequest, { caller }: CallOptions = {}): Promise<ask.PruneResult> {
    const { older_than_days, dry_run } = checkedArguments(ask.PruneRequest, request);
    if (!dry_run) await requireOutside(caller, this.dependencies);
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
    return await localStatistics(checkedArguments(opened(ask.StatsRequest), request), this.#facts, {
      now: this.dependencies.clock.now(),
      call: options,
    });
  }

  async notifyDone(request: ask.NotifyDoneRequest, { caller }: CallOptions = {}): Promise<JobResult> {
    const { job_id, summary } = checkedArguments(ask.NotifyDoneRequest, request);
    await requireOwnJob({ job_id, verb: "report as done", allowsSelf: true }, caller, {
      dependencies: this.dependencies,
    });
    const { job } = await this.dependencies.store.update(job_id, (job) => {
      if (job.state.status === "pending") {
        throw new AgentAsyncError("conflict", `Cannot report job ${job_id} as done: its agent has not begun`);
      }
      return transition(job, { type: "summarize", summary: summary ?? job.summary ?? "" });
    });
    const { scheduler } = this.dependencies;
    scheduler.supervisor.reported(job.id, job.turn);
    await scheduler.reconcile();
    return this.#result(job, 0);
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
