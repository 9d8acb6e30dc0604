/**
 * Room `agents`: the agents that come with the program, in the order in which people see them.
 *
 * @module
 */
import { codexDriver } from "./codex.ts";
import type { AgentDriver } from "./driver.ts";
import { geminiDriver } from "./gemini.ts";

export const BUILT_IN_DRIVERS: readonly AgentDriver[] = [codexDriver, geminiDriver];
