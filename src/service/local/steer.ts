/**
 * Room `service`, part of `LocalService`: a reply that is said at once, to the agent that works. Where it cannot be
 * told, or is to work otherwise than before, its turn is interrupted and the reply is the next one.
 *
 * @module
 */
import { AgentAsyncError, invalidArgument } from "../../domain/errors.ts";
import { isJobIn, type Job } from "../../domain/job/job.ts";
import { requireReadable } from "../../domain/job/unreadable_job.ts";
import { replyKey } from "../../domain/turn/turn.ts";
import { readRequest } from "../../scheduler/turn/files.ts";
import { newestEvent } from "../../scheduler/views/job_reading.ts";
import { readFindings } from "../../scheduler/views/read_findings.ts";
import type { Receipt, ReplyRequest } from "../requests.ts";
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
  const { store, scheduler, directories } = dependencies;
  if (request.prompt.trim() === "") throw invalidArgument("prompt", "must not be blank");
  const job = await findJobOrThrow(store, request.job_id);
  requireReadable(job, "reply to");
  const key = request.request_key ?? crypto.randomUUID();
  const known = await store.keyed(replyKey(job.id, key));
  // Sent again: the turn that it made may have ended by now.
  if (known !== null) return await receipt(job, "interrupted", { turn: known.turn, dependencies });
  const steered = request.request_key === undefined ? null : scheduler.talks.steeredTurn(job.id, key);
  const isOver = !isJobIn(job, "running") || steered !== job.turn;
  if (steered !== null && isOver) return await receipt(job, "queued", { turn: steered, dependencies });
  if (!isJobIn(job, "running")) return null;
  checkContinuable(job, dependencies);
  const directory = directories.job(job.id);
  const before = readRequest(directory.turn(job.turn));
  const policy = policyOfReply(job, request, { before, around, dependencies });
  const isAsBefore = policy === job.approval_policy &&
    (request.model === undefined || request.model === before?.model);
  if (isAsBefore) {
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
  await scheduler.talks.interrupt(job.id);
  await scheduler.reconcile();
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
  return {
    ...await receiptFor(id, turn, dependencies),
    ...(cursor === undefined ? {} : { cursor }),
    delivered,
    message: `Job ${id} ${MESSAGES[delivered]}. Go on with other work, then call job_wait.`,
  };
}
