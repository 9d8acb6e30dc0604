/**
 * Room `mcp`: the toolset `agents`: what an earlier server for several agents offered: a start and a wait for each, and
 * two kinds of work that it gave to Gemini.
 *
 * @module
 */
import * as z from "zod";
import { ApprovalPolicy } from "../../../domain/agent/policy.ts";
import { confluencePrompt } from "../../prompts/confluence_prompt.ts";
import { pullRequestPrompt } from "../../prompts/pull_request_prompt.ts";
import type { Tool } from "../definition/tool.ts";
import { agentNotifyDone } from "../jobs/agent_notify_done.ts";
import { agentStart, agentStartSpec, START_PARAMETERS } from "../jobs/agent_start.ts";
import { jobCancel } from "../jobs/job_cancel.ts";
import { jobList } from "../jobs/job_list.ts";
import { queueStatus } from "../jobs/queue_status.ts";
import { agentWait } from "./agent_wait.ts";
import { aliasTaking } from "./alias.ts";
import { codexAwaitAny } from "./codex_await_any.ts";

/** The agents that had a start and a wait of their own. */
const AGENTS = ["codex", "cursor", "gemini"];

const geminiStart = agentStartSpec("gemini", { siblings: { wait: "gemini_wait" } });

const Text = z.string().trim().min(1, "must not be empty");

/** A draft needs no rights; whoever wants it published says so. */
const DraftPolicy = ApprovalPolicy.default("suggest").describe(
  "suggest: reads only, so it drafts; auto-edit: writes in cwd; ask: asks before what goes beyond; " +
    "full-auto: no sandbox, can publish",
);

const ConfluencePage = z.object({
  title: Text.describe("of the page"),
  cwd: START_PARAMETERS.cwd,
  source_context: Text.optional().describe("what the page is made from; default: the files under cwd"),
  space_key: Text.optional().describe("of the Confluence space"),
  page_url: Text.optional().describe("of the page to update; without: a new page"),
  audience: Text.optional().describe("who reads it"),
  instructions: Text.optional().describe("further wishes"),
  publish: z.boolean().default(false).describe("false: a draft in the result; true: written to Confluence"),
  approval_policy: DraftPolicy,
  context_files: START_PARAMETERS.context_files,
});

const PullRequest = z.object({
  cwd: START_PARAMETERS.cwd,
  pr_goal: Text.optional().describe("what the change is for"),
  base_branch: Text.optional().describe("default: the repository's default branch"),
  compare_branch: Text.optional().describe("branch with the changes; default: the one checked out"),
  pr_number: z.number().int().positive().optional().describe("of a pull request to describe anew"),
  instructions: Text.optional().describe("further wishes"),
  publish: z.boolean().default(false).describe("false: the text in the result; true: opened or edited"),
  draft: z.boolean().default(true).describe("with publish: as a draft, not up for review"),
  approval_policy: DraftPolicy,
  context_files: START_PARAMETERS.context_files,
});

export const AGENTS_TOOLSET: readonly Tool[] = [
  ...AGENTS.flatMap((agent) => [
    agentStart(agent, { siblings: { wait: `${agent}_wait` } }),
    agentWait(agent),
  ]),
  codexAwaitAny,
  aliasTaking(ConfluencePage, geminiStart, {
    name: "gemini_confluence_start",
    title: "Write a Confluence page with Gemini",
    description:
      "Has Gemini CLI write a Confluence page from a directory's files as a background job and answers with " +
      "its job_id at once; gemini_wait returns the page as the result. Without publish it drafts only and writes " +
      "nothing to Confluence; with publish Gemini needs Confluence tools of its own and a policy that lets it use " +
      "them. For any other task use gemini_start.",
    asToday: ({ cwd, approval_policy, context_files, ...page }) => ({
      prompt: confluencePrompt(page),
      cwd,
      approval_policy,
      ...(context_files === undefined ? {} : { context_files }),
    }),
  }),
  aliasTaking(PullRequest, geminiStart, {
    name: "gemini_pr_start",
    title: "Write a pull request with Gemini",
    description:
      "Has Gemini CLI write title and description of a pull request from the git difference in cwd as a " +
      "background job and answers with its job_id at once; gemini_wait returns the text as the result. Without publish " +
      "it writes the text only; with publish it opens or edits the pull request, for which it needs a policy that lets " +
      "it run commands. It changes no code: for that use gemini_start.",
    asToday: ({ cwd, approval_policy, context_files, ...pullRequest }) => ({
      prompt: pullRequestPrompt(pullRequest),
      cwd,
      approval_policy,
      ...(context_files === undefined ? {} : { context_files }),
    }),
  }),
  jobList,
  jobCancel,
  queueStatus,
  agentNotifyDone,
];
