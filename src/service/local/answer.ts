/**
 * Room `service`, part of `LocalService`: the questions of running jobs and their answers. Rule of this file: nobody
 * grants by an answer what he could not have asked for at a start.
 *
 * @module
 */
import { AgentAsyncError, isAgentAsyncError } from "../../domain/errors.ts";
import { type Job, openQuestions, PROMPT_PREVIEW_CHARS } from "../../domain/job/job.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { preview } from "../../domain/job/result.ts";
import type { Question } from "../../domain/question/question.ts";
import type { Caller, CallOptions } from "../call.ts";
import type { Answer, CheckedRequest } from "../job_service.ts";
import type { Asker } from "../question_requests.ts";
import { jobAround, requireOwn } from "./caller_rights.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";

/** Whoever may or may not answer. */
interface Answerer {
  readonly as: Asker;
  /** The job inside of which the caller runs. */
  readonly around: Job | null;
}

export async function answererOf(
  as: Asker,
  caller: Caller | undefined,
  dependencies: LocalDependencies,
): Promise<Answerer> {
  const around = await jobAround(caller, undefined, dependencies);
  return { as, around: around === null || isFinished(around.state.status) ? null : around };
}

/** @throws {AgentAsyncError} `conflict` for a caller that may not answer this job's questions. */
export async function requireAnswerer(
  job: Job,
  { as, around }: Answerer,
  dependencies: LocalDependencies,
): Promise<void> {
  await requireOwn(job, "answer", { around, dependencies });
  // Whatever a caller inside a job says of itself, it is an agent.
  const isPerson = as === "person" && around === null;
  if (isPerson || dependencies.answeredBy() === "anyone") return;
  throw new AgentAsyncError("conflict", `Cannot answer job ${job.id}: only a person may`, {
    hint: `Ask your user to answer it in a terminal: agent-async answer ${job.id}`,
  });
}

/** Whether the caller may answer this job's questions. */
export async function mayAnswer(
  job: Job,
  answerer: Answerer,
  dependencies: LocalDependencies,
): Promise<boolean> {
  return await refusalOf(job, answerer, dependencies) === null;
}

async function refusalOf(
  job: Job,
  answerer: Answerer,
  dependencies: LocalDependencies,
): Promise<string | null> {
  try {
    await requireAnswerer(job, answerer, dependencies);
    return null;
  } catch (error) {
    if (isAgentAsyncError(error, "conflict")) return error.message;
    throw error;
  }
}

/** The questions of running jobs, those of the job that has waited longest first. */
export async function openQuestionsOf(
  { job_ids: ids, as }: CheckedRequest<"questions">,
  dependencies: LocalDependencies,
  { caller }: CallOptions,
): Promise<Answer<"questions">> {
  const { scheduler, store } = dependencies;
  const jobs = ids === undefined
    ? scheduler.active.running()
    : await Promise.all([...new Set(ids)].map((id) => findJobOrThrow(store, id)));
  const answerer = await answererOf(as, caller, dependencies);
  const asking = jobs.filter((job) => openQuestions(job).length > 0)
    .sort((one, other) => sinceOf(one) - sinceOf(other));
  return {
    asking: await Promise.all(asking.map(async (job) => {
      const refusal = await refusalOf(job, answerer, dependencies);
      return {
        job_id: job.id,
        agent: job.agent,
        ...(job.title === undefined ? {} : { title: job.title }),
        prompt: preview(job.prompt, PROMPT_PREVIEW_CHARS),
        cwd: job.cwd,
        approval_policy: job.approval_policy,
        questions: scheduler.talks.questions(job),
        ...(refusal === null ? {} : { refusal }),
      };
    })),
  };
}

function sinceOf(job: Job): number {
  return openQuestions(job)[0]?.asked_at ?? 0;
}

/** Answers a question. @throws {AgentAsyncError} whatever refuses it, in the words of the one who refuses. */
export async function acceptAnswer(
  request: CheckedRequest<"answer">,
  dependencies: LocalDependencies,
  { caller }: CallOptions,
): Promise<Answer<"answer">> {
  const { job_id: id, question_id, text, as, request_key: key } = request;
  const { scheduler, store } = dependencies;
  const job = await findJobOrThrow(store, id);
  const answerer = await answererOf(as, caller, dependencies);
  await requireAnswerer(job, answerer, dependencies);
  const open = scheduler.talks.questions(job);
  const question = question_id === undefined
    ? open.length === 1 ? open[0] : undefined
    : open.find((one) => one.question_id === question_id);
  const option = request.option === undefined ? undefined : optionMeant(request.option, question);
  if (question !== undefined) requireGrantable(question, option, { job, around: answerer.around });
  const answered = await scheduler.talks.answer(id, {
    question_id,
    answer: { ...(option === undefined ? {} : { option }), ...(text === undefined ? {} : { text }) },
    by: answererName(request, answerer),
    key,
  });
  const { state: { status } } = await store.get(id) ?? job;
  return { job_id: id, question_id: answered.question_id, answered: true, status };
}

/** The id of the option: what people see is its label, and a model may write that. */
function optionMeant(given: string, question: Question | undefined): string {
  const options = question?.options ?? [];
  if (options.some(({ id }) => id === given)) return given;
  const word = given.trim().toLowerCase();
  const meant = options.filter(({ id, label }) =>
    [id, label].some((name) => name.trim().toLowerCase() === word)
  );
  if (meant.length === 1) return meant[0]?.id ?? given;
  // An id that is a sentence of the agent's is shown as the option's place.
  return (/^\d+$/.test(word) ? options[Number(word) - 1]?.id : undefined) ?? given;
}

/**
 * A job may let another do no more than it may do itself. What an approval lets through is beyond every policy but
 * `full-auto`; to reject it, or to choose, takes no right.
 *
 * @throws {AgentAsyncError} `conflict`
 */
function requireGrantable(
  question: Question,
  option: string | undefined,
  { job, around }: { job: Job; around: Job | null },
): void {
  if (around === null || around.approval_policy === "full-auto" || question.kind !== "approval") return;
  if (question.options.find(({ id }) => id === option)?.kind === "reject") return;
  throw new AgentAsyncError(
    "conflict",
    `Cannot allow this to job ${job.id}: job ${around.id}, inside of which this call was made, may not do it itself ` +
      `(${around.approval_policy})`,
    { hint: "Reject it, or leave the question to whoever started the outer job." },
  );
}

const NAMES: Readonly<Record<Asker, string>> = { assistant: "an assistant", person: "a person" };

/** Who answers, in the words that others read: what a caller says of itself stands behind what is known of it. */
function answererName({ by, as }: CheckedRequest<"answer">, { around }: Answerer): string {
  if (around !== null) return `job ${around.id}`;
  return by === undefined ? NAMES[as] : `${NAMES[as]} (${preview(by, 60)})`;
}
