/**
 * Room `mcp`: what a start and a reply answer.
 *
 * @module
 */
import * as z from "zod";
import type { Receipt } from "../service/requests.ts";
import { quoted } from "./fence.ts";
import type { ToolAnswer } from "./tool.ts";
import type { ToolWords } from "./tool_words.ts";

export const ReceiptOutput = z.looseObject({
  job_id: z.string(),
  status: z.string(),
  message: z.string(),
});

export function receiptAnswer(receipt: Receipt, { words }: { readonly words: ToolWords }): ToolAnswer {
  const message = words.say(receipt.message);
  const place = receipt.position === undefined ? "" : `, position ${receipt.position} in the queue`;
  const waits = receipt.waiting_for === undefined ? "" : `, waits for ${quoted(receipt.waiting_for, 300)}`;
  return {
    structured: { ...receipt, message },
    text: [
      `Job ${receipt.job_id}, ${receipt.agent}, turn ${receipt.turn}: ${receipt.status}${place}${waits}, cursor ${receipt.cursor}`,
      message,
      words.toolFor("job_wait") === "job_wait"
        ? `It runs by itself. Next: other work, then job_wait with job_ids ["${receipt.job_id}"].`
        : words.say("It runs by itself. Next: other work, then job_wait."),
    ].join("\n"),
  };
}
