/**
 * Room `mcp`: toolsets, lists of tools by name.
 *
 * @module
 */
import type { AgentState } from "../service/requests.ts";
import type { Tool } from "./tool.ts";
import type { ToolsetName } from "./toolset_names.ts";
import { agentStart } from "./tools/agent_start.ts";
import { jobCancel } from "./tools/job_cancel.ts";
import { jobEvents } from "./tools/job_events.ts";
import { jobList } from "./tools/job_list.ts";
import { jobPoll } from "./tools/job_poll.ts";
import { jobReply } from "./tools/job_reply.ts";
import { jobWait } from "./tools/job_wait.ts";
import { queueStatus } from "./tools/queue_status.ts";

/** The agent whose start is always there: called without it, the answer says what to install. */
const CERTAIN_AGENT = "codex";

type Toolset = (startable: readonly string[]) => readonly Tool[];

const TOOLSETS: Record<ToolsetName, Toolset> = {
  jobs: (startable) => [
    ...startable.map(agentStart),
    jobPoll,
    jobWait,
    jobEvents,
    jobReply,
    jobCancel,
    jobList,
    queueStatus,
  ],
};

/** The tools to show, each name once; the first toolset that has a name gives the tool. */
export function listedTools(names: readonly ToolsetName[], agents: readonly AgentState[]): Tool[] {
  return toolsOf(names, agents.filter((agent) => agent.available));
}

/** The tools that can be called: those of agents that are not installed too, since the answer tells how to. */
export function callableTools(names: readonly ToolsetName[], agents: readonly AgentState[]): Tool[] {
  return toolsOf(names, agents);
}

function toolsOf(names: readonly ToolsetName[], agents: readonly AgentState[]): Tool[] {
  const others = agents.map((agent) => agent.name).filter((name) => name !== CERTAIN_AGENT);
  const tools = new Map<string, Tool>();
  for (const name of names) {
    for (const tool of TOOLSETS[name]([CERTAIN_AGENT, ...others])) {
      if (!tools.has(tool.name)) tools.set(tool.name, tool);
    }
  }
  return [...tools.values()];
}
