/**
 * Room `agents`: the agents that come with the program, in the order in which people see them.
 *
 * @module
 */
import { codex } from "./codex.ts";
import type { AgentDriver } from "./driver.ts";

export const BUILT_IN_DRIVERS: readonly AgentDriver[] = [codex];
