/**
 * Room `mcp`: the tool `job_answer`.
 *
 * @module
 */
import * as z from "zod";
import { AnswerRequest } from "../../../service/question_requests.ts";
import { JobIdArgument } from "../definition/arguments.ts";
import { shownId } from "../../views/question_view.ts";
import { defineTool } from "../definition/define_tool.ts";

const { shape } = AnswerRequest;

export const jobAnswer = defineTool({
  name: "job_answer",
  title: "Answer a job's question",
  description: "Answers (approves, allows, rejects) what an agent asks: may it run this, which of these. " +
    "Questions come in asking of job_wait and in job_poll; the job stands still until then. " +
    "Allow only what your user would: when in doubt ask your user. Answers at once; the first answer counts. " +
    "It gives no new task: job_reply does.",
  input: z.object({
    job_id: JobIdArgument.describe("that asks"),
    question_id: shape.question_id.describe("default: the one that is open"),
    option: shape.option.describe("id of one of its options"),
    text: shape.text.describe("in words, where it asks for words"),
    request_key: shape.request_key.describe("same key, same answer: safe to repeat"),
  }),
  output: z.looseObject({
    job_id: z.string(),
    question_id: z.string(),
    answered: z.boolean(),
    status: z.string(),
  }),
  // It may let an agent do what it could not do by itself.
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  async run(args, context) {
    const receipt = await context.service.answer({ ...args, as: "assistant" }, { signal: context.signal });
    const { job_id, status } = receipt;
    const question_id = shownId(receipt.question_id, context.fenced);
    return {
      structured: { ...receipt, question_id },
      text: `Question ${question_id} of job ${job_id} is answered; the job is ${status}.`,
    };
  },
});
