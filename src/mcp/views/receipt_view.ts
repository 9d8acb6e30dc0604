/**
 * Room `mcp`: what a start and a reply answer.
 *
 * @module
 */
import * as z from "zod";
import type { Receipt } from "../../service/requests.ts";
import { present } from "./present.ts";
import type { ToolAnswer } from "../tools/definition/tool.ts";
import type { HostToolNames } from "../host_tool_names.ts";
import type { ToolWords } from "../tool_words.ts";

export const ReceiptOutput = z.looseObject({
  job_id: z.string(),
  status: z.string(),
  message: z.string(),
});

export interface ReceiptOptions {
  /** The tool that waits for this job, where it is not the one that waits for any. */
  readonly wait?: string;
  /** Whether the caller reads the events of a first turn from a cursor on; those of a further one begin there. */
  readonly hasCursor?: boolean;
}

export function receiptAnswer(
  receipt: Receipt,
  { words, hostNames }: { readonly words: ToolWords; readonly hostNames: HostToolNames },
  { wait = "job_wait", hasCursor = false }: ReceiptOptions = {},
): ToolAnswer {
  const message = callable(words.say(receipt.message.replace("job_wait", wait)), hostNames);
  const { job_id, agent, turn, status, position, waiting_for, delivered, cursor } = receipt;
  const place = position === undefined ? "" : `, position ${position} in the queue`;
  return {
    structured: present({
      job_id,
      agent,
      turn: turn > 1 ? turn : undefined,
      status,
      position,
      waiting_for,
      delivered,
      cursor: hasCursor || turn > 1 ? cursor : undefined,
      message,
    }),
    text: `Job ${job_id}, ${agent}, turn ${turn}: ${status}${place}, event cursor ${cursor}\n${message}`,
  };
}

/** A model that is told to call a tool which it does not have gives up: the name is the host's, and can be searched. */
function callable(message: string, names: HostToolNames): string {
  return message.replace(/\bthen call ([a-z_]+)\.$/, (_, tool: string) => {
    return `then call ${names.nameOf(tool)} (${names.searchFor(tool)}).`;
  });
}
