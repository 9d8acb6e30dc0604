/**
 * Room `mcp`: toolsets, lists of tools by name.
 *
 * @module
 */
import type { ListedAgent } from "./agent_titles.ts";
import type { Tool } from "./tool.ts";
import { toolWords } from "./tool_words.ts";
import type { ToolsetName } from "./toolset_names.ts";
import { agentNotifyDone } from "./tools/agent_notify_done.ts";
import { agentStart } from "./tools/agent_start.ts";
import { agentWait } from "./tools/agent_wait.ts";
import { codexAsyncEvents } from "./tools/codex_async_events.ts";
import { codexAsyncNotifications } from "./tools/codex_async_notifications.ts";
import { codexAsyncReply } from "./tools/codex_async_reply.ts";
import { codexAsyncStart } from "./tools/codex_async_start.ts";
import { codexAsyncWait } from "./tools/codex_async_wait.ts";
import { codexAwaitAny } from "./tools/codex_await_any.ts";
import { codexCancel } from "./tools/codex_cancel.ts";
import { codexList } from "./tools/codex_list.ts";
import { codexPoll } from "./tools/codex_poll.ts";
import { codexQueueStatus } from "./tools/codex_queue_status.ts";
import { codexStart } from "./tools/codex_start.ts";
import { geminiConfluenceStart } from "./tools/gemini_confluence_start.ts";
import { geminiPrStart } from "./tools/gemini_pr_start.ts";
import { jobCancel } from "./tools/job_cancel.ts";
import { jobEvents } from "./tools/job_events.ts";
import { jobList } from "./tools/job_list.ts";
import { jobPoll } from "./tools/job_poll.ts";
import { jobReply } from "./tools/job_reply.ts";
import { jobWait } from "./tools/job_wait.ts";
import { queueStatus } from "./tools/queue_status.ts";

/** The agent whose start is always there: called without it, the answer says what to install. */
const CERTAIN_AGENT = "codex";

type Toolset = (startable: readonly Pick<ListedAgent, "name" | "title">[]) => readonly Tool[];

const TOOLSETS: Record<ToolsetName, Toolset> = {
  jobs: (startable) => [
    ...startable.map(({ name, title }) => agentStart(name, { title })),
    jobPoll,
    jobWait,
    jobEvents,
    jobReply,
    jobCancel,
    jobList,
    queueStatus,
  ],
  // The names of earlier servers are promised, whatever is installed.
  codex: () => [
    codexStart,
    codexPoll,
    agentWait("codex"),
    codexAwaitAny,
    codexList,
    codexCancel,
    codexQueueStatus,
  ],
  agents: () => [
    ...["codex", "cursor", "gemini"].flatMap((agent) => [
      agentStart(agent, { siblings: { wait: `${agent}_wait` } }),
      agentWait(agent),
    ]),
    codexAwaitAny,
    geminiConfluenceStart,
    geminiPrStart,
    jobList,
    jobCancel,
    queueStatus,
    agentNotifyDone,
  ],
  stream: () => [codexAsyncStart, codexAsyncEvents, codexAsyncReply, codexAsyncNotifications, codexAsyncWait],
};

export interface ToolChoice {
  readonly toolsets: readonly ToolsetName[];
  /** An agent that is itself a job can say when it is done, whatever the toolsets. */
  readonly isInsideJob: boolean;
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

/** The tools that can be called: those of agents that are not installed too, since the answer tells how to. */
export function callableTools(choice: ToolChoice, agents: readonly ListedAgent[]): Tool[] {
  return toolsOf(choice, agents);
}

function toolsOf({ toolsets, isInsideJob }: ToolChoice, agents: readonly ListedAgent[]): Tool[] {
  const others = agents.filter(({ name }) => name !== CERTAIN_AGENT);
  const tools = new Map<string, Tool>();
  const offered = toolsets.flatMap((name) => TOOLSETS[name]([{ name: CERTAIN_AGENT }, ...others]));
  for (const tool of [...offered, ...(isInsideJob ? [agentNotifyDone] : [])]) {
    const known = tools.get(tool.name);
    if (known === undefined || breadth(tool) > breadth(known)) tools.set(tool.name, tool);
  }
  return [...tools.values()];
}

function breadth(tool: Tool): number {
  return Object.keys(tool.input.shape).length;
}
