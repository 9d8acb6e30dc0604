/**
 * Room `cli`: the receipt of a start or a reply, as text for people.
 *
 * @module
 */
import { plainText } from "../../domain/event/transcript.ts";
import type { Receipt } from "../../service/requests.ts";

/** What became of a start or a reply, in one sentence. */
export function receiptText(receipt: Receipt): string {
  const { job_id, status, position, waiting_for } = receipt;
  const place = position === undefined || position < 2 ? "" : ` (number ${position} in the queue)`;
  if (status === "pending") {
    return `Job ${job_id} waits${waiting_for === undefined ? "" : ` for ${plainText(waiting_for)}`}${place}.`;
  }
  if (status === "running" && waiting_for !== undefined) {
    return `Job ${job_id} still runs: the reply waits for ${plainText(waiting_for)}.`;
  }
  return `Job ${job_id} ${status === "running" ? "is running" : `has ended: ${status}`}.`;
}
