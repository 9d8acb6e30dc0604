/**
 * Room `agents`: the agents that come with the program and those of the configuration, as their drivers.
 *
 * @module
 */
import { BUILT_IN_DRIVERS } from "../builtin.ts";
import { customDriver } from "../custom/driver.ts";
import type { AgentDriver } from "../driver.ts";
import { type AgentEntries, knownAgents } from "./known_agents.ts";

/** The drivers for what `entries` returns, made anew only when that is another object. */
export function knownDrivers(entries: () => AgentEntries): () => readonly AgentDriver[] {
  return knownAgents(entries, BUILT_IN_DRIVERS, customDriver);
}
