/**
 * Room `service`, part of `LocalService`: a reply that is said at once, to the agent that works. Where it cannot be
 * told, or is to work otherwise than before, its turn is interrupted and the reply is the next one.
 *
 * @module
 */
import { AgentAsyncError, invalidArgument } from "../../domain/errors.ts";
import { isJobIn, type Job } from "../../domain/job/job.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { requireReadable } from "../../domain/job/unreadable_job.ts";
import { transition } from "../../domain/job/transition.ts";
import { replyKey } from "../../domain/turn/turn.ts";
import { readRequest } from "../../scheduler/turn/files.ts";
import { newestEvent } from "../../scheduler/views/job_reading.ts";
import { readFindings } from "../../scheduler/views/read_findings.ts";
import type { Receipt, ReplyRequest } from "../requests.ts";
import { budgetIn, requireBudget } from "./budget_of_start.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { receiptFor } from "./receipt.ts";
import { acceptReply, checkContinuable, policyOfReply } from "./reply.ts";

type Delivered = NonNullable<Receipt["delivered"]>;

/** What is said of the job, after its name. */
const MESSAGES: Readonly<Record<Delivered, string>> = {
  injected: "goes on with it in what it is doing",
  queued: "takes it as soon as its present step is over",
  interrupted: "was interrupted and goes on with it",
};

/** @returns `null` for a job that does not run: then it is a reply as any other. */
export async function sayNow(
  request: ReplyRequest,
  dependencies: LocalDependencies,
  around: Job | null,
): Promise<Receipt | null> {
  const { scheduler, directories, store } = dependencies;
  if (request.prompt.trim() === "") throw invalidArgument("prompt", "must not be blank");
  const job = await findJobOrThrow(store, request.job_id);
  requireReadable(job, "reply to");
  const key = request.request_key ?? crypto.randomUUID();
  const again = request.request_key === undefined ? null : await saidBefore(job, key, dependencies);
  if (again !== null) return again;
  if (!isJobIn(job, "running")) return null;
  checkContinuable(job, dependencies);
  const directory = directories.job(job.id);
  const before = readRequest(directory.turn(job.turn));
  const policy = policyOfReply(job, request, { before, around, dependencies });
  const isAsBefore = policy === job.approval_policy &&
    (request.model === undefined || request.model === before?.model);
  if (isAsBefore) {
    await takeBudget(job, request, dependencies);
    const cursor = newestEvent(directory);
    const by = around === null ? "a reply" : `job ${around.id}`;
    const delivered = await scheduler.talks.steer(job.id, { key, text: request.prompt, by });
    if (delivered !== null) {
      return await receipt(job, delivered, { turn: job.turn, cursor, dependencies });
    }
  }
  requireSession(job, dependencies);
  const { turn } = await acceptReply({ ...request, request_key: key }, dependencies, {
    around,
    isNext: true,
  });
  return await interruptFor(job, turn, dependencies);
}

/** The budget that comes with what is said holds for the running turn. */
async function takeBudget(job: Job, request: ReplyRequest, dependencies: LocalDependencies): Promise<void> {
  const asked = budgetIn(request);
  const budget = asked === undefined ? undefined : await requireBudget(job, asked, dependencies);
  if (budget === undefined) return;
  const { store, scheduler } = dependencies;
  const { job: kept } = await store.update(
    job.id,
    (latest) => transition(latest, { type: "budget", budget }),
  );
  scheduler.keep(kept);
}

/** What is told of a reply that is sent again under its key: what became of it; `null` for a new key. */
async function saidBefore(job: Job, key: string, dependencies: LocalDependencies): Promise<Receipt | null> {
  const { store, scheduler, directories } = dependencies;
  const known = await store.keyed(replyKey(job.id, key));
  if (known !== null) {
    const isInterrupting = readRequest(directories.job(job.id).turn(known.turn))?.interrupts === true;
    // A daemon that was killed may have accepted it, and not have interrupted the turn before it.
    return isInterrupting
      ? await interruptFor(job, known.turn, dependencies)
      : await receiptFor(job.id, known.turn, dependencies);
  }
  const said = await scheduler.talks.steered(job.id, key);
  return said === null ? null : await receipt(job, said.delivered, { turn: said.turn, dependencies });
}

async function interruptFor(job: Job, turn: number, dependencies: LocalDependencies): Promise<Receipt> {
  await dependencies.scheduler.talks.interrupt(job.id, turn);
  await dependencies.scheduler.reconcile();
  return await receipt(job, "interrupted", { turn, dependencies });
}

/** @throws {AgentAsyncError} `conflict`: what an agent has begun without a session could not be gone on with. */
function requireSession(job: Job, { scheduler, directories }: LocalDependencies): void {
  if (scheduler.options.catalog.driver(job.agent)?.replaysConversation === true) return;
  const { sessionId } = readFindings(job, 0, { directories, supervisor: scheduler.supervisor });
  if ((sessionId ?? job.session_id) !== null) return;
  throw new AgentAsyncError(
    "conflict",
    `Cannot interrupt job ${job.id}: its agent has not begun a session yet, which the reply could go on with`,
    { hint: "Reply to it in a moment, or without now: then the reply waits for this turn." },
  );
}

async function receipt(
  { id }: Job,
  delivered: Delivered,
  { turn, cursor, dependencies }: { turn: number; cursor?: number; dependencies: LocalDependencies },
): Promise<Receipt> {
  const found = await receiptFor(id, turn, dependencies);
  const message = `Job ${id} ${MESSAGES[delivered]}. Go on with other work, then call job_wait.`;
  return {
    ...found,
    ...(cursor === undefined ? {} : { cursor }),
    delivered,
    // What is sent again was perhaps said to a job that has ended since.
    ...(isFinished(found.status) ? {} : { message }),
  };
}
