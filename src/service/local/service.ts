/**
 * Room `service`: the service itself, inside the daemon. Only this folder reaches the store and the scheduler. Requests
 * come here checked; see `serviceDoor`.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Job } from "../../domain/job/job.ts";
import type { JobResult } from "../../domain/job/result.ts";
import { toBrief, toJobResult } from "../../domain/job/shown_job.ts";
import type { Question } from "../../domain/question/question.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { transition } from "../../domain/job/transition.ts";
import { JOB_VARIABLE } from "../../domain/job/job_variables.ts";
import { EndedJobs } from "../../scheduler/views/ended_jobs.ts";
import { readPage, readTranscriptPage } from "../../scheduler/views/job_reading.ts";
import { jobMoney } from "../../scheduler/views/job_money.ts";
import { readFindings } from "../../scheduler/views/read_findings.ts";
import { fileFailure } from "./file_failure.ts";
import type { CallOptions } from "../call.ts";
import type { Answer, CheckedRequest, CheckedService } from "../job_service.ts";
import { applyWork } from "./apply.ts";
import { diffOf } from "./diff.ts";
import { enterPlace } from "./enter.ts";
import { acceptAnswer, openQuestionsOf } from "./answer.ts";
import { jobAround, requireOwnJob } from "./caller_rights.ts";
import { prune } from "./prune.ts";
import { cancelJobs } from "./cancel.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { followFeed, followJob } from "./following.ts";
import { isLike, jobsOfGroup } from "./group.ts";
import { dayLimits } from "../../scheduler/money/day_budget.ts";
import { receiptFor } from "./receipt.ts";
import { acceptReply } from "./reply.ts";
import { acceptRetry } from "./retry.ts";
import { sayNow } from "./steer.ts";
import { acceptStart } from "./start.ts";
import { localStatistics } from "./statistics.ts";
import { placeView, workView } from "./place_view.ts";
import { waitForJobs } from "./wait.ts";
import { EVENTS_PAGE_CHARS } from "../read_requests.ts";
import { plainDirectory } from "./working_directory.ts";

/** Briefs of unfinished jobs in an answer. */
const MAX_BRIEFS = 100;

export class LocalService implements CheckedService {
  readonly #facts: EndedJobs;

  constructor(readonly dependencies: LocalDependencies) {
    this.#facts = new EndedJobs(dependencies);
  }

  async start(wanted: CheckedRequest<"start">, { caller }: CallOptions): Promise<Answer<"start">> {
    const job = await acceptStart(wanted, this.dependencies, { caller }).catch((error) => {
      throw fileFailure(error, "start the job");
    });
    // For its place in the queue; one that runs has none.
    if (job.state.status === "pending") await this.dependencies.scheduler.reconcile();
    return await receiptFor(job.id, 1, this.dependencies);
  }

  async reply(wanted: CheckedRequest<"reply">, { caller }: CallOptions): Promise<Answer<"reply">> {
    const around = await requireOwnJob({ job_id: wanted.job_id, verb: "reply to" }, caller, {
      mark: wanted.origin.env[JOB_VARIABLE],
      dependencies: this.dependencies,
    });
    const told = (error: unknown) => fileFailure(error, `reply to job ${wanted.job_id}`);
    if (wanted.when === "now") {
      const said = await sayNow(wanted, this.dependencies, around).catch((error) => {
        throw told(error);
      });
      if (said !== null) return said;
    }
    const { job, turn } = await acceptReply(wanted, this.dependencies, { around }).catch((error) => {
      throw told(error);
    });
    await this.dependencies.scheduler.reconcile();
    return await receiptFor(job.id, turn, this.dependencies);
  }

  async retry(wanted: CheckedRequest<"retry">, { caller }: CallOptions): Promise<Answer<"retry">> {
    const job = await acceptRetry(wanted, this.dependencies, caller).catch((error) => {
      throw fileFailure(error, `retry job ${wanted.job_id}`);
    });
    await this.dependencies.scheduler.reconcile();
    return await receiptFor(job.id, 1, this.dependencies);
  }

  async poll({ job_id, ...wanted }: CheckedRequest<"poll">): Promise<Answer<"poll">> {
    return await this.#result(await findJobOrThrow(this.dependencies.store, job_id), wanted);
  }

  async wait(wanted: CheckedRequest<"wait">, options: CallOptions): Promise<Answer<"wait">> {
    const waited = await waitForJobs(wanted, this.dependencies, options);
    const asking = waited.asking.map((job) => ({ job_id: job.id, questions: this.#questions(job) }));
    return {
      timed_out: waited.timedOut,
      jobs: await Promise.all(waited.ended.map((job) => this.#result(job, wanted))),
      ...(asking.length === 0 ? {} : { asking }),
      unfinished: waited.unfinished.slice(0, MAX_BRIEFS).map((job) => this.#brief(job)),
      cursor: waited.cursor,
    };
  }

  async events(wanted: CheckedRequest<"events">, options: CallOptions): Promise<Answer<"events">> {
    return await followJob(wanted, this.dependencies, options, async (job, directory) => {
      const page = await readPage(directory, { ...wanted, maxChars: EVENTS_PAGE_CHARS });
      const isNews = page.events.length > 0 || page.more;
      return { isNews, answer: { ...page, status: job.state.status } };
    });
  }

  async transcript(
    wanted: CheckedRequest<"transcript">,
    options: CallOptions,
  ): Promise<Answer<"transcript">> {
    return await followJob(wanted, this.dependencies, options, async (job, directory) => {
      const page = await readTranscriptPage(directory, wanted.offset);
      return { isNews: page.text !== "", answer: { ...page, status: job.state.status } };
    });
  }

  async answer(wanted: CheckedRequest<"answer">, options: CallOptions): Promise<Answer<"answer">> {
    return await acceptAnswer(wanted, this.dependencies, options);
  }

  async questions(
    wanted: CheckedRequest<"questions">,
    options: CallOptions,
  ): Promise<Answer<"questions">> {
    return await openQuestionsOf(wanted, this.dependencies, options);
  }

  async cancel(wanted: CheckedRequest<"cancel">, options: CallOptions): Promise<Answer<"cancel">> {
    return await cancelJobs(wanted, this.dependencies, options);
  }

  async diff(wanted: CheckedRequest<"diff">, { signal }: CallOptions): Promise<Answer<"diff">> {
    return await diffOf(wanted, this.dependencies, { signal });
  }

  async apply(wanted: CheckedRequest<"apply">, { caller }: CallOptions): Promise<Answer<"apply">> {
    return await applyWork(wanted, this.dependencies, { caller });
  }

  async enter(wanted: CheckedRequest<"enter">, { caller }: CallOptions): Promise<Answer<"enter">> {
    return await enterPlace(wanted, this.dependencies, { caller });
  }

  async list(wanted: CheckedRequest<"list">): Promise<Answer<"list">> {
    const { store } = this.dependencies;
    const { group, id_prefix: prefix, limit, ...rest } = wanted;
    const filter = { ...rest, cwd: rest.cwd === undefined ? undefined : plainDirectory(rest.cwd) };
    const { jobs, total } = group !== undefined
      ? firstOf(limit, (await jobsOfGroup(group, this.dependencies)).filter((job) => isLike(job, filter)))
      : prefix === undefined
      ? await store.list({ ...filter, limit })
      : firstOf(limit, await store.beginningWith(prefix, limit));
    const notice = this.dependencies.notice?.() ?? null;
    return { jobs: jobs.map((job) => this.#brief(job)), total, ...(notice === null ? {} : { notice }) };
  }

  async queue({ origin }: CheckedRequest<"queue">): Promise<Answer<"queue">> {
    const { scheduler } = this.dependencies;
    const { running, pending } = scheduler.queue.all();
    const { total, depth } = this.dependencies.limits();
    const agents = await scheduler.options.catalog.detectAll(origin.env);
    return {
      busy: running.length >= total,
      running: running.map((job) => this.#brief(job)),
      pending: pending.slice(0, MAX_BRIEFS).map((job) => this.#brief(job)),
      pending_count: pending.length,
      limits: { total, depth, ...dayLimits(scheduler.spending.day) },
      agents: agents.map((agent) => ({
        name: agent.name,
        available: agent.available,
        ...(agent.version === null ? {} : { version: agent.version }),
        ...(agent.hint === null ? {} : { hint: agent.hint }),
      })),
    };
  }

  async feed(wanted: CheckedRequest<"feed">, options: CallOptions): Promise<Answer<"feed">> {
    return await followFeed(wanted, this.dependencies, options);
  }

  async prune(wanted: CheckedRequest<"prune">, options: CallOptions): Promise<Answer<"prune">> {
    return await prune(wanted, options, this.dependencies);
  }

  async jobAround(_: CheckedRequest<"jobAround">, { caller }: CallOptions): Promise<Answer<"jobAround">> {
    const around = await jobAround(caller, undefined, this.dependencies);
    return { job_id: around === null || isFinished(around.state.status) ? null : around.id };
  }

  async stats(wanted: CheckedRequest<"stats">, options: CallOptions): Promise<Answer<"stats">> {
    return await localStatistics(wanted, this.#facts, {
      now: this.dependencies.clock.now(),
      call: options,
    });
  }

  async notifyDone(
    wanted: CheckedRequest<"notifyDone">,
    { caller }: CallOptions,
  ): Promise<Answer<"notifyDone">> {
    const { job_id, summary } = wanted;
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
    return await this.#result(job, { tail_lines: 0 });
  }

  async #result(
    job: Job,
    { tail_lines, with_money }: Omit<CheckedRequest<"poll">, "job_id">,
  ): Promise<JobResult> {
    const { scheduler, directories, clock } = this.dependencies;
    const sources = { directories, supervisor: scheduler.supervisor };
    const money = with_money === true ? await jobMoney(job, sources) : undefined;
    const findings = readFindings(job, tail_lines, sources);
    const questions = this.#questions(job);
    const place = placeView(job, scheduler.options.places);
    const work = workView(job, this.dependencies);
    const found = { ...findings, questions, place, work, money };
    return toJobResult(job, found, scheduler.live(job), clock.now());
  }

  #questions(job: Job): Question[] {
    return this.dependencies.scheduler.talks.questions(job);
  }

  #brief(job: Job) {
    return toBrief(job, this.dependencies.scheduler.live(job), workView(job, this.dependencies));
  }
}

function firstOf(limit: number, jobs: Job[]): { jobs: Job[]; total: number } {
  return { jobs: jobs.slice(0, limit), total: jobs.length };
}
