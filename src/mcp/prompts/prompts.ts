/**
 * Room `mcp`: prompts, which people choose in their host (`/mcp__agent-async__delegate` in Claude Code).
 *
 * @module
 */
import type { GetPromptResult } from "../desk/protocol_types.ts";
import { BUILT_IN_PROFILES } from "../../agents/profiles/builtin_profiles.ts";
import { agentTitle } from "../agent_titles.ts";
import { INVALID_PARAMS, isRecord, RpcFault } from "../desk/json_rpc.ts";
import type { ToolsetName } from "../tools/toolset_names.ts";
import { type ToolWords, toolWords } from "../tool_words.ts";

const BUILT_IN_NAMES = BUILT_IN_PROFILES.map(({ name }) => name).join(", ");

export const PROMPTS = [
  {
    name: "delegate",
    title: "Delegate a task to a coding agent",
    description: "Start a task as a background job, go on with other work, then wait for it and review it",
    arguments: [
      { name: "agent", description: `${BUILT_IN_NAMES} or a configured one`, required: true },
      { name: "task", description: "what the agent is to do", required: true },
    ],
  },
  {
    name: "race",
    title: "Give one task to several agents",
    description:
      "Start the same task with several agents, each in a place of its own, and compare their work",
    arguments: [
      { name: "agents", description: `two or more of ${BUILT_IN_NAMES} or configured ones`, required: true },
      { name: "task", description: "what the agents are to do", required: true },
      { name: "check", description: "a check of the configuration that has to pass", required: false },
    ],
  },
  {
    name: "jobs",
    title: "What is running",
    description: "Report the jobs that run and wait, and those that ended lately",
    arguments: [],
  },
] as const;

export interface PromptResult extends GetPromptResult {
  messages: { role: "user"; content: { type: "text"; text: string } }[];
}

/**
 * @param params of `prompts/get`, as the host sent them.
 * @throws {RpcFault} `INVALID_PARAMS` for an unknown prompt or a missing argument.
 */
export function getPrompt(
  params: Record<string, unknown>,
  toolsets: readonly ToolsetName[],
): PromptResult {
  const prompt = PROMPTS.find(({ name }) => name === params.name);
  if (prompt === undefined) {
    throw new RpcFault(
      INVALID_PARAMS,
      `name: there are the prompts ${PROMPTS.map(({ name }) => name).join(", ")}`,
    );
  }
  const words = toolWords(toolsets);
  const given = isRecord(params.arguments) ? params.arguments : {};
  const text = prompt.name === "jobs"
    ? words.say(JOBS_TEXT)
    : prompt.name === "race"
    ? words.say(raceText(argument(given, "agents"), optional(given, "check"))) + argument(given, "task")
    : words.say(delegateText(argument(given, "agent").toLowerCase(), words)) + argument(given, "task");
  return { description: prompt.description, messages: [{ role: "user", content: { type: "text", text } }] };
}

function argument(given: Record<string, unknown>, name: string): string {
  const value = given[name];
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  throw new RpcFault(INVALID_PARAMS, `arguments.${name}: is required, as text`);
}

function optional(given: Record<string, unknown>, name: string): string | null {
  const value = given[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}

function raceText(agents: string, check: string | null): string {
  return `Give the task below to each of these agents as a background job of agent-async: ${agents}.

1. Start one job for each with job_start and isolation "worktree"${
    check === null ? "" : `, check ${JSON.stringify(check)}`
  }, all with the same prompt: the whole task, with what is to be done, where, and how to check the outcome.
2. Go on with other work, then wait with job_wait for all of them (mode "all"); call it again when its time runs out.
3. Compare those that are done: job_diff of each, their evidence (lines, doubts, check), time and cost.
4. Report in a table who passed and how much each changed, and which you would take, with the reason. Take nothing \
over yourself: ask your user, then job_apply of that one, and job_apply with action "discard" of the others.

The task:
`;
}

function delegateText(agent: string, words: ToolWords): string {
  return `Delegate the task below to ${agentTitle(agent)} as a background job of agent-async.

1. Start it with the tool ${
    words.startOf(agent)
  }. The agent sees only the prompt and the files under cwd: write the whole \
task, with what is to be done, where, what to leave alone, and how to check the outcome.
2. Go on with other work that does not touch the same files. If there is none, go to step 3.
3. Wait with job_wait. When its time runs out before the job has ended, call it again; do not start the job anew.
4. Before you report, review the work yourself: read the result and files_changed, look at the changes (git diff), \
and run the checks. A status other than "done" is no success: read reason and hint.
5. For corrections use job_reply, which goes on in the same session, then wait and review again.
6. Report what was done, what you checked, and what is left.

The task:
`;
}

const JOBS_TEXT =
  `Report the jobs of agent-async. Look at queue_status for what runs and waits, and at job_list for what \
ended lately. Give one line for each: job id, agent, status with its reason, what it was to do, and since when. Say for \
each waiting job what it waits for, and for each failed one what to do about it. Change nothing.`;
