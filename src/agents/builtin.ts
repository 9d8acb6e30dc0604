/**
 * Room `agents`: the agents that come with the program, in the order in which people see them.
 *
 * @module
 */
import { claudeDriver } from "./claude/driver.ts";
import { codexDriver } from "./codex/driver.ts";
import { cursorDriver } from "./cursor/driver.ts";
import type { AgentDriver } from "./driver.ts";
import { geminiDriver } from "./gemini/driver.ts";

export const BUILT_IN_DRIVERS: readonly AgentDriver[] = [
  codexDriver,
  cursorDriver,
  geminiDriver,
  claudeDriver,
];
