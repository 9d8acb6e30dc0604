/**
 * Room `cli`: the receipt of a start or a reply, as text for people.
 *
 * @module
 */
import { plainText } from "../../domain/event/transcript.ts";
import { isFinished } from "../../domain/job/reason.ts";
import type { Receipt } from "../../service/requests.ts";

/** What became of a reply that was said at once, after the job's name. */
const DELIVERED: Readonly<Record<NonNullable<Receipt["delivered"]>, string>> = {
  injected: "goes on with it",
  queued: "takes it as soon as its present step is over",
  interrupted: "was interrupted, and goes on with it",
};

/** What became of a start or a reply, in one sentence. */
export function receiptText(receipt: Receipt): string {
  const { job_id, status, position, waiting_for, delivered } = receipt;
  if (delivered !== undefined && !isFinished(status)) return `Job ${job_id} ${DELIVERED[delivered]}.`;
  const place = position === undefined || position < 2 ? "" : ` (number ${position} in the queue)`;
  if (status === "pending") {
    return `Job ${job_id} waits${waiting_for === undefined ? "" : ` for ${plainText(waiting_for)}`}${place}.`;
  }
  if (status === "running" && waiting_for !== undefined) {
    return `Job ${job_id} still runs: the reply waits for ${plainText(waiting_for)}.`;
  }
  return `Job ${job_id} ${status === "running" ? "is running" : `has ended: ${status}`}.`;
}
