/**
 * Room `mcp`: the tool `gemini_confluence_start` of the toolset `agents`.
 *
 * @module
 */
import * as z from "zod";
import { ApprovalPolicy } from "../../domain/agent/policy.ts";
import { confluencePrompt } from "../prompts/confluence_prompt.ts";
import { defineTool } from "./define_tool.ts";
import { receiptAnswer, ReceiptOutput } from "../views/receipt_view.ts";
import { LETS_AN_AGENT_WORK } from "./tool.ts";
import { START_PARAMETERS } from "./agent_start.ts";

const Text = z.string().trim().min(1, "must not be empty");

export const geminiConfluenceStart = defineTool({
  name: "gemini_confluence_start",
  title: "Write a Confluence page with Gemini",
  description:
    "Has Gemini CLI write a Confluence page from a directory's files as a background job and answers with " +
    "its job_id at once; gemini_wait returns the page as the result. Without publish it drafts only and writes " +
    "nothing to Confluence; with publish Gemini needs Confluence tools of its own and a policy that lets it use " +
    "them. For any other task use gemini_start.",
  input: z.object({
    title: Text.describe("of the page"),
    cwd: START_PARAMETERS.cwd,
    source_context: Text.optional().describe("what the page is made from; default: the files under cwd"),
    space_key: Text.optional().describe("of the Confluence space"),
    page_url: Text.optional().describe("of the page to update; without: a new page"),
    audience: Text.optional().describe("who reads it"),
    instructions: Text.optional().describe("further wishes"),
    publish: z.boolean().default(false).describe("false: a draft in the result; true: written to Confluence"),
    approval_policy: ApprovalPolicy.default("suggest").describe(
      "suggest: reads only, so it drafts; auto-edit: writes in cwd; full-auto: no sandbox, can publish",
    ),
    context_files: START_PARAMETERS.context_files,
  }),
  output: ReceiptOutput,
  annotations: LETS_AN_AGENT_WORK,
  async run({ cwd, approval_policy, context_files, ...page }, context) {
    const request = {
      agent: "gemini",
      prompt: confluencePrompt(page),
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
