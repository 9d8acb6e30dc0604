/**
 * Room `service`, part of `LocalService`: what a caller is told of a turn that was accepted.
 *
 * @module
 */
import { isBeingCancelled, type Job } from "../../domain/job/job.ts";
import { whyNoMoney } from "../../scheduler/money/prices.ts";
import { readRequest } from "../../scheduler/turn/files.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import type { Receipt } from "../requests.ts";

export async function receiptFor(
  id: string,
  turn: number,
  dependencies: LocalDependencies,
): Promise<Receipt> {
  const { store, scheduler, directories } = dependencies;
  const job = await findJobOrThrow(store, id);
  const position = scheduler.queue.position(id);
  const { waitingFor } = scheduler.live(job);
  const waiting = job.queue.includes(turn) ? `turn ${job.turn} of this job to end` : waitingFor;
  return {
    job_id: id,
    agent: job.agent,
    status: job.state.status,
    turn,
    ...(position === null ? {} : { position }),
    ...(waiting === undefined ? {} : { waiting_for: waiting }),
    cursor: turn === 1 ? 0 : readRequest(directories.job(id).turn(turn))?.cursor ?? 0,
    message: receiptMessage(job, waiting) + budgetNote(job, dependencies),
  };
}

function receiptMessage(job: Job, waiting: string | undefined): string {
  if (isBeingCancelled(job)) {
    return `Job ${job.id} is being cancelled, with the replies that waited. Read it with job_poll.`;
  }
  const next = "Go on with other work, then call job_wait.";
  switch (job.state.status) {
    case "running":
      return `Job ${job.id} is running${
        waiting === undefined ? "" : `, and the reply waits for ${waiting}`
      }. ${next}`;
    case "pending":
      return `Job ${job.id} is accepted${
        waiting === undefined ? "" : ` and waits for ${waiting}`
      }; it starts by itself. ${next}`;
    default:
      return `Job ${job.id} has ended (${job.state.status}). Read it with job_poll.`;
  }
}

/** What a budget means for an agent that tells what it used only when its turn has ended. */
function budgetNote(
  job: Job,
  { scheduler, directories }: Pick<LocalDependencies, "scheduler" | "directories">,
): string {
  if (!scheduler.spending.isOver(job)) return "";
  const unknown = scheduler.spending.day.isSet && !isMoneyKnown(job, { scheduler, directories })
    ? ` Nobody can tell what ${job.agent} costs here, so budgets.day_usd does not count it: name a model with a known price.`
    : "";
  const { agent } = job;
  const { catalog } = scheduler.options;
  if (catalog.driver(agent)?.live != null && catalog.settings(agent).live !== false) return unknown;
  return ` Its budget holds between turns only: ${agent} tells what it used when a turn has ended.${unknown}`;
}

/** Whether the agent tells its money, or the price of its model is known. */
function isMoneyKnown(
  job: Job,
  { scheduler: { options: { catalog } }, directories }: Pick<LocalDependencies, "scheduler" | "directories">,
): boolean {
  const asked = readRequest(directories.job(job.id).turn(job.turn))?.model;
  const model = asked ?? catalog.settings(job.agent).model ?? null;
  return whyNoMoney(catalog.driver(job.agent) ?? {}, model) === null;
}
