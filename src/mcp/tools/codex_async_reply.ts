/**
 * Room `mcp`: the tool `codex_async_reply` of the toolset `stream`: `job_reply` under its old name.
 *
 * @module
 */
import * as z from "zod";
import { ReplyRequest } from "../../service/requests.ts";
import { JobIdArgument } from "./arguments.ts";
import { defineTool } from "./define_tool.ts";
import { receiptAnswer, ReceiptOutput } from "../views/receipt_view.ts";
import { LETS_AN_AGENT_WORK } from "./tool.ts";

export const codexAsyncReply = defineTool({
  name: "codex_async_reply",
  title: "Follow up on a Codex job",
  description:
    "Adds a turn to a job in the same agent session; answers at once, with the cursor after which " +
    "codex_async_events has the turn's events. For unrelated work use codex_async_start. " +
    "While a turn is pending or running the reply waits, in order: it does not interrupt.",
  input: z.object({
    job_id: JobIdArgument.describe("id from a start"),
    prompt: ReplyRequest.shape.prompt.describe("what to do next"),
  }),
  output: ReceiptOutput.extend({ cursor: z.number().describe("for codex_async_events") }),
  annotations: LETS_AN_AGENT_WORK,
  async run(args, context) {
    const request = { ...args, origin: context.origin };
    return receiptAnswer(await context.own.reply(request, { signal: context.signal }), context, {
      hasCursor: true,
    });
  },
});
