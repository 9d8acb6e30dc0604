/**
 * Room `agents`: the agents that come with the program and those of the configuration, as their profiles.
 *
 * @module
 */
import type { CustomAgentConfig } from "../../domain/agent/custom_agent.ts";
import { customProfile } from "../custom/profile.ts";
import type { AgentProfile } from "../profiles/agent_profile.ts";
import { BUILT_IN_PROFILES } from "../profiles/builtin_profiles.ts";
import type { AgentSettings } from "./detection.ts";

/** The configuration's entries by agent name: some adjust a built-in agent, the others define one. */
export type AgentEntries = Readonly<Record<string, AgentSettings | CustomAgentConfig | undefined>>;

/** The profiles for what `entries` returns, made anew only when that is another object. */
export function knownProfiles(entries: () => AgentEntries): () => readonly AgentProfile[] {
  return knownAgents(entries, BUILT_IN_PROFILES, customProfile);
}

/** @param own makes an agent of the user's own from its name and its entry. */
export function knownAgents<Agent>(
  entries: () => AgentEntries,
  builtIn: readonly Agent[],
  own: (name: string, entry: CustomAgentConfig) => Agent,
): () => readonly Agent[] {
  let seen: AgentEntries | null = null;
  let agents = builtIn;
  return () => {
    const now = entries();
    if (now !== seen) {
      seen = now;
      agents = [
        ...builtIn,
        ...Object.entries(now).flatMap(([name, entry]) =>
          entry !== undefined && definesAgent(entry) ? [own(name, entry)] : []
        ),
      ];
    }
    return agents;
  };
}

/** What a search needs of the entries. The arguments of an agent of the user's own are its driver's business. */
export function agentSettings(entries: AgentEntries): Record<string, AgentSettings> {
  const settings: Record<string, AgentSettings> = {};
  for (const [name, entry] of Object.entries(entries)) {
    if (entry === undefined) continue;
    settings[name] = definesAgent(entry)
      ? { command: entry.command, model: entry.model, env: entry.env, live: entry.live }
      : entry;
  }
  return settings;
}

function definesAgent(entry: AgentSettings | CustomAgentConfig): entry is CustomAgentConfig {
  return "output" in entry;
}
