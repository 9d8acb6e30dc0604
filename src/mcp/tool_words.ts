/**
 * Room `mcp`: our own advice in the words of the toolsets that are on. The rooms below speak of the default tools; a
 * host that has others under other names must never be sent to a tool it lacks.
 *
 * @module
 */
import { DEFAULT_AGENT } from "../agents/default_agent.ts";
import type { ToolsetName } from "./tools/toolset_names.ts";

/** For each default tool the tools that do its work, the nearest first, each with the toolsets that have it. */
const STAND_INS: Readonly<Record<string, readonly (readonly [tool: string, ...toolsets: ToolsetName[]])[]>> =
  {
    job_poll: [["job_poll", "jobs"], ["codex_poll", "codex"], ["codex_wait", "agents"], [
      "codex_async_events",
      "stream",
    ]],
    job_wait: [["job_wait", "jobs"], ["codex_wait", "codex", "agents"], ["codex_async_wait", "stream"]],
    job_answer: [["job_answer", "jobs"]],
    job_events: [["job_events", "jobs"], ["codex_async_events", "stream"]],
    job_reply: [["job_reply", "jobs"], ["codex_async_reply", "stream"]],
    job_cancel: [["job_cancel", "jobs", "agents"], ["codex_cancel", "codex"]],
    job_list: [["job_list", "jobs", "agents"], ["codex_list", "codex"], [
      "codex_async_notifications",
      "stream",
    ]],
    queue_status: [["queue_status", "jobs", "agents"], ["codex_queue_status", "codex"]],
  };

export interface ToolWords {
  /** What does a default tool's work here; `undefined` when nothing does. */
  toolFor(name: string): string | undefined;
  /** The tool that starts a job of an agent. */
  startOf(agent: string): string;
  /** `text` with the default tools named as they are here. Only for what agent-async itself says. */
  say(text: string): string;
}

export function toolWords(toolsets: readonly ToolsetName[]): ToolWords {
  const toolFor = (name: string) => {
    if (!Object.hasOwn(STAND_INS, name)) return undefined;
    return STAND_INS[name]?.find(([, ...homes]) => homes.some((home) => toolsets.includes(home)))?.[0];
  };
  const startOf = (agent: string) => {
    if (toolsets.every((name) => name === "stream") && agent === DEFAULT_AGENT) return "codex_async_start";
    const hasOwn = agent === DEFAULT_AGENT || toolsets.includes("starts") ||
      (toolsets.includes("agents") && ["cursor", "gemini"].includes(agent));
    return hasOwn || !toolsets.includes("jobs") ? `${agent}_start` : `job_start with agent "${agent}"`;
  };
  return {
    toolFor,
    startOf,
    say: (text) =>
      text.replace(/\b(?:job_(?:poll|wait|answer|events|reply|cancel|list)|queue_status)\b/g, (name) => {
        return toolFor(name) ?? `${name} (of the toolset jobs)`;
      }).replace(/\b([a-z][a-z0-9-]*)_start\b/g, (tool, agent: string) => {
        return agent === "job" ? tool : startOf(agent);
      }),
  };
}
