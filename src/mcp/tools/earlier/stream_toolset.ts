/**
 * Room `mcp`: the toolset `stream`: what an earlier server offered that let its callers follow by cursor: the events of
 * each job, and the ends of all jobs.
 *
 * @module
 */
import * as z from "zod";
import { receiptAnswer, ReceiptOutput } from "../../views/receipt_view.ts";
import { defineTool } from "../definition/define_tool.ts";
import type { Tool } from "../definition/tool.ts";
import { jobEventsSpec } from "../jobs/job_events.ts";
import { jobReplySpec } from "../jobs/job_reply.ts";
import { aliasTaking } from "./alias.ts";
import { codexAsyncNotifications, codexAsyncWait } from "./codex_async_ends.ts";
import { codexAsyncStart } from "./codex_async_start.ts";

const { types, ...otherEventParameters } = jobEventsSpec.input.shape;
const { job_id, prompt } = jobReplySpec.input.shape;

export const STREAM_TOOLSET: readonly Tool[] = [
  codexAsyncStart,
  aliasTaking(z.object({ ...otherEventParameters, event_types: types }), jobEventsSpec, {
    name: "codex_async_events",
    title: "Read a Codex job's events",
    description:
      "What the agent did, step by step: messages, commands, file changes, tool calls, errors. Returns events " +
      "after cursor at once; going on with the returned cursor gives every event exactly once. " +
      "The last message of an ended job is its result. codex_async_wait waits for an end.",
    asToday: ({ event_types, ...args }) => ({
      ...args,
      ...(event_types === undefined ? {} : { types: event_types }),
    }),
  }),
  defineTool({
    ...jobReplySpec,
    name: "codex_async_reply",
    title: "Follow up on a Codex job",
    description:
      "Adds a turn to a job in the same agent session; answers at once, with the cursor after which " +
      "codex_async_events has the turn's events. For unrelated work use codex_async_start. " +
      "While a turn is pending or running the reply waits, in order: it does not interrupt.",
    input: z.object({ job_id, prompt }),
    output: ReceiptOutput.extend({ cursor: z.number().describe("for codex_async_events") }),
    async run(args, context) {
      const request = { ...args, origin: context.origin };
      return receiptAnswer(await context.own.reply(request, { signal: context.signal }), context, {
        hasCursor: true,
      });
    },
  }),
  codexAsyncNotifications,
  codexAsyncWait,
];
