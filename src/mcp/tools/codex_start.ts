/**
 * Room `mcp`: the tool `codex_start` of the toolset `codex`: the start with its three oldest parameters.
 *
 * @module
 */
import * as z from "zod";
import { defineTool } from "./define_tool.ts";
import { receiptAnswer, ReceiptOutput } from "../views/receipt_view.ts";
import { LETS_AN_AGENT_WORK } from "./tool.ts";
import { START_PARAMETERS } from "./agent_start.ts";

const { prompt, cwd, approval_policy } = START_PARAMETERS;

export const codexStart = defineTool({
  name: "codex_start",
  title: "Start a Codex CLI job",
  description: "Hands a coding task to Codex CLI as a background job and answers with its job_id at once. " +
    "For work of over a minute or beside yours. Then do other work and codex_wait, or look with codex_poll. " +
    "Jobs outlive this session; those that may write in one git work tree run one by one. " +
    "It does not wait and asks no questions.",
  input: z.object({ prompt, cwd, approval_policy }),
  output: ReceiptOutput,
  annotations: LETS_AN_AGENT_WORK,
  async run(args, context) {
    const request = { ...args, agent: "codex", origin: context.origin };
    return receiptAnswer(await context.own.start(request, { signal: context.signal }), context);
  },
});
