/**
 * Room `agents`: the one list of the agents that come with the program.
 *
 * @module
 */
import { claudeProfile } from "../claude/profile.ts";
import { codexProfile } from "../codex/profile.ts";
import { cursorProfile } from "../cursor/profile.ts";
import { geminiProfile } from "../gemini/profile.ts";
import type { AgentProfile } from "./agent_profile.ts";

/** In the order in which people see them. */
export const BUILT_IN_PROFILES: readonly AgentProfile[] = [
  codexProfile,
  cursorProfile,
  geminiProfile,
  claudeProfile,
];

/** `undefined` for an agent of the user's own. */
export function builtInProfile(name: string): AgentProfile | undefined {
  return BUILT_IN_PROFILES.find((profile) => profile.name === name);
}
