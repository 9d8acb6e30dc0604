/**
 * Room `service`, part of `LocalService`: the same again as a new job. Rule of this file: what the first turn of the
 * job was asked is read, and then checked and accepted as any start is; the job itself is not touched.
 *
 * @module
 */
import { AgentAsyncError, isAgentAsyncError } from "../../domain/errors.ts";
import type { Job } from "../../domain/job/job.ts";
import { requireReadable } from "../../domain/job/unreadable_job.ts";
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import { readAsked, readOutcome, readRequest } from "../../scheduler/turn/files.ts";
import type { Caller } from "../call.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { acceptStart } from "./start.ts";
import type { RetryRequest, StartRequest } from "../requests.ts";

/** Accepts the start of `request.job_id` once more, or finds the job that the same `request_key` has made. */
export async function acceptRetry(
  request: RetryRequest,
  dependencies: LocalDependencies,
  caller?: Caller,
): Promise<Job> {
  const job = await findJobOrThrow(dependencies.store, request.job_id);
  const { start, policy } = startOf(job, request, dependencies);
  try {
    return await acceptStart(start, dependencies, { caller, otherwise: policy });
  } catch (error) {
    throw isAgentAsyncError(error) ? refusedAgain(error, job, request) : error;
  }
}

/**
 * The start that made the job, with the changes that were asked for. What it waited for (`after`) is left out: it has
 * ended by now, well or not.
 *
 * @throws {AgentAsyncError} `conflict` when its prompt is gone.
 */
function startOf(
  job: Job,
  request: RetryRequest,
  { directories }: LocalDependencies,
): { start: StartRequest; policy: ApprovalPolicy } {
  requireReadable(job, "retry");
  const turn = directories.job(job.id).turn(1);
  const asked = readRequest(turn);
  const whole = readAsked(turn);
  const first = asked?.start;
  const chars = first?.prompt_chars ?? whole.length;
  if (asked === null || whole.trim() === "" || whole.length < chars) {
    throw new AgentAsyncError(
      "conflict",
      `Cannot retry job ${job.id}: what it was asked is not there any more as it was`,
      { hint: `Its files in ${turn.path} are gone or damaged: start a new job with agent-async start.` },
    );
  }
  const { agent: firstAgent, fallback } = first ?? {
    agent: readOutcome(turn)?.agent ?? job.agent,
    fallback: job.fallback,
  };
  const agent = request.agent ?? firstAgent;
  // Another agent has models of its own.
  const model = request.model ?? (agent === firstAgent ? asked.model : null);
  return {
    policy: asked.approval_policy,
    start: {
      agent,
      prompt: whole.slice(0, chars),
      cwd: job.cwd,
      title: job.title,
      approval_policy: request.approval_policy,
      context_files: first?.context_files,
      model: model ?? undefined,
      timeout_seconds: request.timeout_seconds ?? asked.timeout_seconds,
      priority: job.priority,
      fallback: fallback.filter((name) => name !== agent),
      retry_on_limit: job.retry_on_limit,
      result_schema: asked.result_schema,
      isolation: first?.isolation,
      with_changes: first?.with_changes,
      max_cost_usd: request.max_cost_usd ?? first?.max_cost_usd,
      max_tokens: request.max_tokens ?? first?.max_tokens,
      check: first?.check,
      check_attempts: first?.check_attempts,
      request_key: request.request_key,
      origin: request.origin,
    },
  };
}

/** What a caller has not named cannot be an argument of his that is wrong: then it is the job that cannot be had again. */
function refusedAgain(error: AgentAsyncError, job: Job, request: RetryRequest): AgentAsyncError {
  const isAboutArgument = error.code === "invalid_argument" || error.code === "unknown_agent";
  const given = Object.entries(request).flatMap(([name, value]) => value === undefined ? [] : [name]);
  if (!isAboutArgument || given.some((name) => error.message.startsWith(`${name}:`))) return error;
  return new AgentAsyncError("conflict", `Cannot retry job ${job.id}: ${error.message}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}
