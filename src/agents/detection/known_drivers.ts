/**
 * Room `agents`: the agents that come with the program and those of the configuration.
 *
 * @module
 */
import type { CustomAgentConfig } from "../../domain/agent/custom_agent.ts";
import { BUILT_IN_DRIVERS } from "../builtin.ts";
import type { AgentSettings } from "./detection.ts";
import { customDriver } from "../custom/driver.ts";
import type { AgentDriver } from "../driver.ts";

/** The configuration's entries by agent name: some adjust a built-in agent, the others define one. */
export type AgentEntries = Readonly<Record<string, AgentSettings | CustomAgentConfig | undefined>>;

/** The drivers for what `entries` returns, made anew only when that is another object. */
export function knownDrivers(entries: () => AgentEntries): () => readonly AgentDriver[] {
  let seen: AgentEntries | null = null;
  let drivers: readonly AgentDriver[] = BUILT_IN_DRIVERS;
  return () => {
    const now = entries();
    if (now !== seen) {
      seen = now;
      drivers = [...BUILT_IN_DRIVERS, ...customDrivers(now)];
    }
    return drivers;
  };
}

/** What a catalog needs of the entries. The arguments of an agent of the user's own are its driver's business. */
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

function customDrivers(entries: AgentEntries): AgentDriver[] {
  return Object.entries(entries).flatMap(([name, entry]) =>
    entry !== undefined && definesAgent(entry) ? [customDriver(name, entry)] : []
  );
}

function definesAgent(entry: AgentSettings | CustomAgentConfig): entry is CustomAgentConfig {
  return "output" in entry;
}
