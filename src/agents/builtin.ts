/**
 * Room `agents`: the drivers of the agents that come with the program.
 *
 * @module
 */
import { claudeDriver } from "./claude/driver.ts";
import { codexDriver } from "./codex/driver.ts";
import { cursorDriver } from "./cursor/driver.ts";
import type { AgentDriver } from "./driver.ts";
import { geminiDriver } from "./gemini/driver.ts";

/** In the order of their profiles; a test compares them. */
export const BUILT_IN_DRIVERS: readonly AgentDriver[] = [
  codexDriver,
  cursorDriver,
  geminiDriver,
  claudeDriver,
];

/** `undefined` for an agent of the user's own. */
export function builtInDriver(name: string): AgentDriver | undefined {
  return BUILT_IN_DRIVERS.find((driver) => driver.name === name);
}
