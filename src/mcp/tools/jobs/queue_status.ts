/**
 * Room `mcp`: the tool `queue_status`.
 *
 * @module
 */
import * as z from "zod";
import type { AgentState, QueueStatus } from "../../../service/read_requests.ts";
import { firstThatFits } from "../../views/answer_size.ts";
import { BRIEF_DETAILS, briefLine, BriefOutput, briefView } from "../../views/brief_view.ts";
import { defineTool, toolSpec } from "../definition/define_tool.ts";
import { READS_ONLY } from "../definition/tool.ts";

/** Pending jobs in an answer: the next to start. */
const PENDING_SHOWN = 20;

export const queueStatusSpec = toolSpec({
  name: "queue_status",
  title: "Queue and agents",
  description:
    "What runs in the background, what waits in which order and why, the limits, and which coding agents are installed " +
    "(and how to get others). For before many starts, or when a job stays pending. " +
    "Answers at once and changes nothing; ended jobs are in job_list.",
  input: z.object({}),
  output: z.object({
    busy: z.boolean(),
    running: z.array(BriefOutput),
    pending_count: z.number(),
    limits: z.looseObject({}),
    agents: z.array(z.looseObject({ name: z.string() })),
  }).loose(),
  annotations: READS_ONLY,
  async run(_args, context) {
    const status = await context.service.queue({ origin: context.origin }, { signal: context.signal });
    const pending = status.pending.slice(0, PENDING_SHOWN);
    return firstThatFits(BRIEF_DETAILS, (detail) => ({
      structured: {
        busy: status.busy,
        running: status.running.map((job) => briefView(job, detail, context)),
        pending: pending.map((job) => briefView(job, detail, context)),
        pending_count: status.pending_count,
        limits: status.limits,
        agents: status.agents,
      },
      text: [
        `${status.running.length} running (at most ${status.limits.total}), ${status.pending_count} pending` +
        (status.busy ? "; busy: a new job waits" : ""),
        ...dayLine(status.limits),
        ...[...status.running, ...pending].map((job) => briefLine(job, detail)),
        ...status.agents.map(agentLine),
      ].join("\n"),
    }));
  },
});

export const queueStatus = defineTool(queueStatusSpec);

function agentLine(agent: AgentState): string {
  const version = agent.version === undefined ? "" : ` ${agent.version}`;
  const hint = agent.hint === undefined ? "" : `: ${agent.hint}`;
  return `Agent ${agent.name}${version}: ${agent.available ? "available" : "not available"}${hint}`;
}

function dayLine({ day_usd: limit, day_spent_usd: spent = 0 }: QueueStatus["limits"]): string[] {
  if (limit === undefined) return [];
  const rest = spent < limit ? "" : ": jobs wait for the next day, or for a larger budgets.day_usd";
  return [`Today's jobs have used $${spent.toFixed(4)} of $${limit}${rest}`];
}
