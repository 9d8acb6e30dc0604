/**
 * Room `mcp`: the tools that a person may let a host call without asking, by name. Never those that decide in the
 * person's place: what an agent is allowed to do, and what of its work is taken over.
 *
 * @module
 */
import { BUILT_IN_AGENTS } from "../../config/agent_settings.ts";
import { listedTools } from "./toolsets.ts";
import { NEVER_ALLOWED, type ToolsetName } from "./toolset_names.ts";

/** @param own agents of the user's own, by name: each may have a start. */
export function allowedTools(toolsets: readonly ToolsetName[], own: readonly string[] = []): string[] {
  // Those of agents that are not there yet as well: they are not asked about again when they are.
  const agents = [...new Set([...BUILT_IN_AGENTS, ...own])].map((name) => ({ name, available: true }));
  return listedTools({ toolsets, isInsideJob: true }, agents).map(({ name }) => name)
    .filter((name) => !NEVER_ALLOWED.includes(name));
}
