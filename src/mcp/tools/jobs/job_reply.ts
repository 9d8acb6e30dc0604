/**
 * Room `mcp`: the tool `job_reply`.
 *
 * @module
 */
import * as z from "zod";
import { ReplyRequest, ReplyTime } from "../../../service/requests.ts";
import { JobIdArgument } from "../definition/arguments.ts";
import { defineTool, toolSpec } from "../definition/define_tool.ts";
import { receiptAnswer, ReceiptOutput } from "../../views/receipt_view.ts";
import { LETS_AN_AGENT_WORK } from "../definition/tool.ts";

const { shape } = ReplyRequest;

export const jobReplySpec = toolSpec({
  name: "job_reply",
  title: "Follow up on a job",
  description:
    "Continues a job: gives its agent (Codex or another) a further task, in a turn of the same session; " +
    "answers at once. " +
    "To correct, extend or ask about its work; for unrelated work start a new job. " +
    "While a turn runs the reply waits, in order; with when now it steers the agent at once, and delivered says how. " +
    "Then job_wait.",
  input: z.object({
    job_id: JobIdArgument.describe("id from a start"),
    prompt: shape.prompt.describe("what to do next"),
    when: ReplyTime.optional().describe(
      "now: told to the agent as it works, else interrupts it; default after",
    ),
    approval_policy: shape.approval_policy.describe("as in start; default: as before"),
    model: shape.model.describe("passed to the agent; default: as before"),
    timeout_seconds: shape.timeout_seconds.describe("of this turn; default: as before"),
    max_cost_usd: shape.max_cost_usd.describe("a larger budget, from the job's beginning on"),
    max_tokens: shape.max_tokens.describe("the same in tokens"),
    request_key: shape.request_key.describe("same key, same turn: safe to repeat"),
  }),
  output: ReceiptOutput,
  annotations: LETS_AN_AGENT_WORK,
  async run(args, context) {
    const request = { ...args, origin: context.origin };
    return receiptAnswer(await context.own.reply(request, { signal: context.signal }), context);
  },
});

export const jobReply = defineTool(jobReplySpec);
