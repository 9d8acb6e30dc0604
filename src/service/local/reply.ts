/**
 * Room `service`, part of `LocalService`: a further turn in the same agent session.
 *
 * @module
 */
import { AgentAsyncError, invalidArgument } from "../../domain/errors.ts";
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import { isBeingCancelled, type Job, MAX_QUEUED_REPLIES } from "../../domain/job/job.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { requireReadable } from "../../domain/job/unreadable_job.ts";
import { transition } from "../../domain/job/transition.ts";
import { replyKey } from "../../domain/turn/turn.ts";
import { newestEvent } from "../../scheduler/views/job_reading.ts";
import { readRequest, writeTurn } from "../../scheduler/turn/files.ts";
import { budgetIn, requireBudget } from "./budget_of_start.ts";
import { checkGuardedPlaces } from "./check_guarded_places.ts";
import { policyInside } from "./caller_rights.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { allowedPolicy, checkPolicy } from "./start.ts";
import { afterFailure, takeBackReply } from "./refused.ts";
import type { ReplyRequest } from "../requests.ts";

/**
 * Accepts a reply, or finds the turn that the same `request_key` has made. Replies to one job keep their order.
 *
 * @param options.around the job inside of which the caller runs
 * @param options.isNext whether it goes before the replies that wait, and the running turn ends for it
 */
export function acceptReply(
  request: ReplyRequest,
  dependencies: LocalDependencies,
  { around = null, isNext = false }: { around?: Job | null; isNext?: boolean } = {},
): Promise<{ job: Job; turn: number }> {
  const { scheduler, store } = dependencies;
  return scheduler.locks.exclusively(request.job_id, async () => {
    const key = request.request_key === undefined ? undefined : replyKey(request.job_id, request.request_key);
    const known = key === undefined ? null : await store.keyed(key);
    if (known !== null) return { job: await findJobOrThrow(store, known.jobId), turn: known.turn };
    if (request.prompt.trim() === "") throw invalidArgument("prompt", "must not be blank");

    const job = await findJobOrThrow(store, request.job_id);
    checkContinuable(job, dependencies);
    const settings = dependencies.settings();
    const directory = dependencies.directories.job(job.id);
    const before = readRequest(directory.turn(job.last_turn));
    const policy = policyOfReply(job, request, { before, around, dependencies });
    const budget = await requireBudget(job, budgetIn(request), dependencies);
    const turn = job.last_turn + 1;
    const cursor = newestEvent(directory);
    try {
      const seal = await writeTurn(directory, {
        request: {
          job_id: job.id,
          turn,
          origin: "reply",
          approval_policy: policy,
          model: request.model ?? before?.model ?? null,
          timeout_seconds: request.timeout_seconds ?? before?.timeout_seconds ?? settings.maxRuntimeSeconds,
          request_key: request.request_key ?? null,
          ...(isNext ? { interrupts: true } : {}),
          cursor,
          created_at: dependencies.clock.now(),
        },
        prompt: request.prompt,
        env: request.origin.env,
      });
      const { job: accepted } = await store.update(
        job.id,
        (latest) => {
          checkContinuable(latest, dependencies);
          const next = isNext ? { isNext } : {};
          const at = dependencies.clock.now();
          const replied = transition(latest, { type: "reply", policy, seal, ...next, at });
          return budget === undefined ? replied : transition(replied, { type: "budget", budget });
        },
        key === undefined ? {} : { requestKey: key },
      );
      scheduler.keep(accepted);
      return { job: accepted, turn };
    } catch (error) {
      const isThere = async () => ((await store.get(job.id))?.last_turn ?? 0) >= turn;
      const takeBack = () => takeBackReply(directory, turn, dependencies);
      const look = `If it was, it is turn ${turn} of job ${job.id}: see job_poll in a moment.`;
      throw await afterFailure(error, { jobId: job.id, isThere, takeBack, look }, dependencies);
    }
  });
}

/**
 * The policy of a further turn, checked.
 *
 * @param options.before what the turn before it was asked
 */
export function policyOfReply(
  job: Job,
  request: Pick<ReplyRequest, "approval_policy" | "origin">,
  { before, around, dependencies }: {
    before: { approval_policy: ApprovalPolicy } | null;
    around: Job | null;
    dependencies: LocalDependencies;
  },
): ApprovalPolicy {
  const policy = allowedPolicy(
    policyInside(around, request.approval_policy, before?.approval_policy ?? job.approval_policy),
    dependencies.settings(request.origin.env).maxPolicy,
  );
  checkPolicy(job.agent, policy, dependencies);
  const places = dependencies.guardedPlaces(request.origin.env);
  checkGuardedPlaces({ cwd: job.cwd, root: job.tree.root }, policy, places);
  return policy;
}

/** @throws {AgentAsyncError} `conflict` when no further turn can follow. */
export function checkContinuable(job: Job, { scheduler }: LocalDependencies): void {
  requireReadable(job, "reply to");
  const driver = scheduler.options.catalog.driver(job.agent);
  if (driver === null || !driver.hasSessions) {
    throw new AgentAsyncError(
      "conflict",
      `Cannot reply to job ${job.id}: ${job.agent} has no sessions to continue`,
      {
        hint: `Start a new job with ${job.agent}_start and put what it needs to know into the prompt.`,
      },
    );
  }
  if (isFinished(job.state.status) && job.session_id === null && driver.replaysConversation !== true) {
    throw new AgentAsyncError(
      "conflict",
      `Cannot reply to job ${job.id}: it is ${job.state.status} and its agent never began a session`,
      { hint: `Start a new job with ${job.agent}_start.` },
    );
  }
  if (isBeingCancelled(job)) {
    throw new AgentAsyncError(
      "conflict",
      `Cannot reply to job ${job.id}: it is being cancelled, with the replies that waited`,
      { hint: "Reply when it has ended; job_wait waits for that." },
    );
  }
  if (job.queue.length >= MAX_QUEUED_REPLIES) {
    throw new AgentAsyncError(
      "conflict",
      `Cannot reply to job ${job.id}: ${MAX_QUEUED_REPLIES} replies wait already`,
      {
        hint: "Wait for the job with job_wait first.",
      },
    );
  }
}
