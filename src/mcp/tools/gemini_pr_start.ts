/**
 * Room `mcp`: the tool `gemini_pr_start` of the toolset `agents`.
 *
 * @module
 */
import * as z from "zod";
import { ApprovalPolicy } from "../../domain/agent/policy.ts";
import { defineTool } from "./define_tool.ts";
import { pullRequestPrompt } from "../prompts/pull_request_prompt.ts";
import { receiptAnswer, ReceiptOutput } from "../views/receipt_view.ts";
import { LETS_AN_AGENT_WORK } from "./tool.ts";
import { START_PARAMETERS } from "./agent_start.ts";

const Text = z.string().trim().min(1, "must not be empty");

export const geminiPrStart = defineTool({
  name: "gemini_pr_start",
  title: "Write a pull request with Gemini",
  description:
    "Has Gemini CLI write title and description of a pull request from the git difference in cwd as a " +
    "background job and answers with its job_id at once; gemini_wait returns the text as the result. Without publish " +
    "it writes the text only; with publish it opens or edits the pull request, for which it needs a policy that lets " +
    "it run commands. It changes no code: for that use gemini_start.",
  input: z.object({
    cwd: START_PARAMETERS.cwd,
    pr_goal: Text.optional().describe("what the change is for"),
    base_branch: Text.optional().describe("default: the repository's default branch"),
    compare_branch: Text.optional().describe("branch with the changes; default: the one checked out"),
    pr_number: z.number().int().positive().optional().describe("of a pull request to describe anew"),
    instructions: Text.optional().describe("further wishes"),
    publish: z.boolean().default(false).describe("false: the text in the result; true: opened or edited"),
    draft: z.boolean().default(true).describe("with publish: as a draft, not up for review"),
    approval_policy: ApprovalPolicy.default("suggest").describe(
      "suggest: reads only, so it drafts; auto-edit: writes in cwd; full-auto: no sandbox, can publish",
    ),
    context_files: START_PARAMETERS.context_files,
  }),
  output: ReceiptOutput,
  annotations: LETS_AN_AGENT_WORK,
  async run({ cwd, approval_policy, context_files, ...pullRequest }, context) {
    const request = {
      agent: "gemini",
      prompt: pullRequestPrompt(pullRequest),
      cwd,
      approval_policy,
      ...(context_files === undefined ? {} : { context_files }),
      origin: context.origin,
    };
    return receiptAnswer(
      await context.own.start(request, { signal: context.signal }),
      context,
      { wait: "gemini_wait" },
    );
  },
});
