/**
 * Room `mcp`: how people call the agents. Those that come with this program are known before any is looked for; one of
 * their own goes by the title that its configuration gives it, else by its name.
 *
 * @module
 */
import { builtInProfile } from "../agents/profiles/builtin_profiles.ts";

/** An agent as the list of tools needs to know it. */
export interface ListedAgent {
  readonly name: string;
  readonly available: boolean;
  readonly title?: string;
}

export function agentTitle(name: string): string {
  return builtInProfile(name)?.title ?? name;
}
