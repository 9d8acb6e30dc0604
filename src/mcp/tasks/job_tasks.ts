/**
 * Room `mcp`: jobs as tasks for a host that knows tasks. Nothing is kept here: a task is read off its job.
 *
 * @module
 */
import { isAgentAsyncError } from "../../domain/errors.ts";
import { isFinished } from "../../domain/job/reason.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { CallOptions } from "../../service/call.ts";
import type { JobService } from "../../service/job_service.ts";
import { INVALID_PARAMS, RpcFault } from "../desk/json_rpc.ts";
import type { Caller } from "../desk/modern/envelope.ts";
import { canAskAPerson, type Person } from "../questions/person.ts";
import {
  type OpenedQuestion,
  questionKey,
  type QuestionsAtTheDesk,
} from "../questions/questions_at_the_desk.ts";
import { inputRequests, type Rounds } from "../questions/rounds.ts";
import { waitWithPerson } from "../questions/wait_with_person.ts";
import { answerFence } from "../views/fence.ts";
import type { JobPlaces } from "../views/job_detail.ts";
import { systemClock } from "../../system/clock.ts";
import { modernTask, olderTask, taskResult } from "./job_task.ts";

/** Seconds of one wait for a job's end; another one follows. */
const WAIT_SECONDS = 50;

/** Tasks in one page of a list. */
const PAGE = 50;
/** As many jobs as a list of the service has. */
const MOST_LISTED = 1_000;

export interface JobTasksOptions extends Omit<JobPlaces, "fenced"> {
  service: Pick<JobService, "poll" | "wait" | "cancel" | "list">;
  questions?: QuestionsAtTheDesk | undefined;
  rounds: Rounds;
}

export class JobTasks {
  readonly #options: JobTasksOptions;

  constructor(options: JobTasksOptions) {
    this.#options = options;
  }

  /**
   * `tasks/get` of revision 2026-07-28: all there is to know, the result and what the job asks included.
   *
   * @throws {RpcFault} for an id of no job.
   */
  async get(taskId: string, caller: Caller, options: CallOptions): Promise<Record<string, unknown>> {
    const job = await this.#job(taskId, options);
    if (isFinished(job.status)) {
      const task = modernTask(job);
      return task.status === "completed" ? { ...task, result: taskResult(job, this.#places()) } : task;
    }
    const open = canAskAPerson(caller.capabilities) ? await this.#open(job, options) : [];
    return open.length === 0
      ? modernTask(job)
      : { ...modernTask(job, "input_required"), inputRequests: inputRequests(open) };
  }

  /** `tasks/update`: takes what a person has answered; what is not asked is passed over. */
  async update(
    taskId: string,
    responses: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<void> {
    const { questions, rounds } = this.#options;
    const job = await this.#job(taskId, options);
    for (const opened of await this.#open(job, options)) {
      const key = questionKey(opened);
      if (!Object.hasOwn(responses, key)) continue;
      await rounds.take(opened, responses[key], async (one, answer) => await questions?.answer(one, answer));
    }
  }

  /** `tasks/cancel` of revision 2026-07-28: a task that has ended stays as it is. */
  async cancel(taskId: string, options: CallOptions): Promise<void> {
    const job = await this.#job(taskId, options);
    if (!isFinished(job.status)) await this.#options.service.cancel({ job_id: job.job_id }, options);
  }

  /** `tasks/get` of revision 2025-11-25. */
  async older(taskId: string, options: CallOptions): Promise<Record<string, unknown>> {
    const job = await this.#job(taskId, options);
    const isAsking = !isFinished(job.status) && (await this.#open(job, options)).length > 0;
    return isAsking ? olderTask(job, "input_required") : olderTask(job);
  }

  /** `tasks/result`: waits for the end, and asks the person what the job asks until then. */
  async result(
    taskId: string,
    person: Person | undefined,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const { service, questions } = this.#options;
    let job = await this.#job(taskId, { signal });
    const jobIds = [job.job_id];
    while (!isFinished(job.status)) {
      await waitWithPerson(
        ({ seconds, after, signal }) =>
          service.wait({
            job_ids: jobIds,
            timeout_seconds: seconds,
            ...(person === undefined ? {} : { as: "person" }),
            ...(after === undefined ? {} : { cursor: after }),
          }, { signal }),
        {
          isDone: ({ jobs }) => jobs.length > 0,
          jobIds,
          seconds: WAIT_SECONDS,
          person,
          questions,
          clock: systemClock,
          signal,
        },
      );
      job = await this.#job(taskId, { signal });
    }
    return taskResult(job, this.#places());
  }

  /** `tasks/cancel` of revision 2025-11-25: answered when nothing of the job is left. */
  async cancelOlder(taskId: string, options: CallOptions): Promise<Record<string, unknown>> {
    const job = await this.#job(taskId, options);
    if (isFinished(job.status)) throw new RpcFault(INVALID_PARAMS, `Task ${job.job_id} has ended already`);
    await this.#options.service.cancel({ job_id: job.job_id }, options);
    return olderTask(await this.#job(taskId, options));
  }

  /** `tasks/list`: the newest first. @param cursor of the page before. */
  async list(cursor: string | undefined, options: CallOptions): Promise<Record<string, unknown>> {
    const from = cursor === undefined ? 0 : Number(cursor);
    if (!Number.isSafeInteger(from) || from < 0) {
      throw new RpcFault(INVALID_PARAMS, "cursor: is none of ours");
    }
    const limit = Math.min(MOST_LISTED, from + PAGE);
    const { jobs, total } = await this.#options.service.list({ limit }, options);
    const isMore = limit < Math.min(total, MOST_LISTED);
    return {
      tasks: jobs.slice(from).map((job) => olderTask(job)),
      ...(isMore ? { nextCursor: String(limit) } : {}),
    };
  }

  async #job(taskId: string, options: CallOptions): Promise<JobResult> {
    try {
      const job_id = taskId.trim().toLowerCase();
      return await this.#options.service.poll({ job_id, tail_lines: 0 }, options);
    } catch (error) {
      const isUnknown = isAgentAsyncError(error, "not_found") || isAgentAsyncError(error, "invalid_argument");
      if (!isUnknown) throw error;
      throw new RpcFault(INVALID_PARAMS, `There is no task ${JSON.stringify(taskId.slice(0, 100))}`);
    }
  }

  async #open({ job_id }: JobResult, options: CallOptions): Promise<readonly OpenedQuestion[]> {
    const { questions, rounds } = this.#options;
    const open = await questions?.open([job_id], options) ?? [];
    return open.filter((one) => rounds.mayBeAsked(one));
  }

  #places(): JobPlaces {
    return { ...this.#options, fenced: answerFence() };
  }
}
