/**
 * Room `mcp`: toolsets, lists of tools by name.
 *
 * @module
 */
import { BUILT_IN_PROFILES } from "../../agents/profiles/builtin_profiles.ts";
import { DEFAULT_AGENT } from "../../agents/default_agent.ts";
import type { ListedAgent } from "../agent_titles.ts";
import type { Tool } from "./definition/tool.ts";
import { toolWords } from "../tool_words.ts";
import type { ToolsetName } from "./toolset_names.ts";
import { AGENTS_TOOLSET } from "./earlier/agents_toolset.ts";
import { CODEX_TOOLSET } from "./earlier/codex_toolset.ts";
import { STREAM_TOOLSET } from "./earlier/stream_toolset.ts";
import { agentNotifyDone } from "./jobs/agent_notify_done.ts";
import { agentStart, jobStart } from "./jobs/agent_start.ts";
import { jobAnswer } from "./jobs/job_answer.ts";
import { jobApply } from "./jobs/job_apply.ts";
import { jobDiff } from "./jobs/job_diff.ts";
import { jobCancel } from "./jobs/job_cancel.ts";
import { jobEvents } from "./jobs/job_events.ts";
import { jobList } from "./jobs/job_list.ts";
import { jobPoll } from "./jobs/job_poll.ts";
import { jobReply } from "./jobs/job_reply.ts";
import { jobWait } from "./jobs/job_wait.ts";
import { queueStatus } from "./jobs/queue_status.ts";

type Startable = Pick<ListedAgent, "name" | "title">;
type Toolset = (startable: readonly Startable[], choice: Pick<ToolChoice, "mayAnswer">) => readonly Tool[];

const TOOLSETS: Record<ToolsetName, Toolset> = {
  jobs: (startable, { mayAnswer }) => [
    ...defaultStarts(startable),
    jobPoll,
    jobWait,
    ...(mayAnswer === false ? [] : [jobAnswer]),
    jobEvents,
    jobReply,
    jobDiff,
    jobApply,
    jobCancel,
    jobList,
    queueStatus,
  ],
  codex: () => CODEX_TOOLSET,
  agents: () => AGENTS_TOOLSET,
  // Where no agent was found it offers one all the same: the answer says what to install.
  starts: (startable) => startsOf(startable.length === 0 ? [{ name: DEFAULT_AGENT }] : startable),
  stream: () => STREAM_TOOLSET,
};

export interface ToolChoice {
  readonly toolsets: readonly ToolsetName[];
  /** An agent that is itself a job can say when it is done, whatever the toolsets. */
  readonly isInsideJob: boolean;
  /** Whether models may answer what agents ask; they may unless it is said. */
  readonly mayAnswer?: boolean;
}

/**
 * The tools to show, each name once; of two of one name the fuller one, else the first. Each speaks of its siblings as
 * they are called in this session.
 */
export function listedTools(choice: ToolChoice, agents: readonly ListedAgent[]): Tool[] {
  const { say } = toolWords(choice.toolsets);
  return toolsOf(choice, agents.filter((agent) => agent.available))
    .map((tool) => ({ ...tool, description: say(tool.description) }));
}

/**
 * The tools that can be called: those listed, and a start for each agent by its name, of those that are not installed
 * too, since the answer tells how to.
 */
export function callableTools(choice: ToolChoice, agents: readonly ListedAgent[]): Tool[] {
  const known = [...BUILT_IN_PROFILES.map(({ name }) => ({ name })), ...agents];
  return fullest([
    ...toolsOf(choice, agents).filter(({ name }) => name !== JOB_START),
    ...(choice.toolsets.includes("jobs") ? [jobStart()] : []),
  ], startsOf(known));
}

const JOB_START = "job_start";

/** Two at most, however many agents there are: every definition is read by a model in every session. */
function defaultStarts(startable: readonly Startable[]): Tool[] {
  const hasOwn = startable.some(({ name }) => name === DEFAULT_AGENT);
  const hasOthers = startable.some(({ name }) => name !== DEFAULT_AGENT);
  return [
    ...(hasOwn || !hasOthers ? [alwaysLoaded(agentStart(DEFAULT_AGENT))] : []),
    ...(hasOthers ? [alwaysLoaded(jobStart(startable))] : []),
  ];
}

function alwaysLoaded(tool: Tool): Tool {
  return { ...tool, isAlwaysLoaded: true };
}

function startsOf(agents: readonly Startable[]): Tool[] {
  return agents.map(({ name, title }) => agentStart(name, { title }));
}

function toolsOf(choice: ToolChoice, agents: readonly ListedAgent[]): Tool[] {
  const { toolsets, isInsideJob } = choice;
  const offered = toolsets.flatMap((name) => TOOLSETS[name](agents, choice));
  return fullest([...offered, ...(isInsideJob ? [agentNotifyDone] : [])]);
}

/** Each name once, the fuller one of two; `others` are there only under names that are free. */
function fullest(offered: readonly Tool[], others: readonly Tool[] = []): Tool[] {
  const tools = new Map<string, Tool>();
  for (const tool of offered) {
    const known = tools.get(tool.name);
    if (known === undefined || breadth(tool) > breadth(known)) tools.set(tool.name, tool);
  }
  for (const tool of others) if (!tools.has(tool.name)) tools.set(tool.name, tool);
  return [...tools.values()];
}

function breadth(tool: Tool): number {
  return Object.keys(tool.input.shape).length;
}
