/**
 * Room `cli`: which agents can be found in the PATH of this terminal or host. Needs no daemon.
 *
 * @module
 */
import { AgentSearch } from "../agents/detection/agent_search.ts";
import { agentSettings, knownProfiles } from "../agents/detection/known_agents.ts";
import type { Config } from "../config/schema.ts";
import type { AgentState } from "../service/read_requests.ts";
import { AgentProbe } from "../system/agent_probe.ts";
import { Deadline } from "../system/deadline.ts";

export interface DetectedAgent extends AgentState {
  readonly title: string;
}

/**
 * Time limit in ms for asking all agents for their versions. A list of tools must not wait for a slow CLI: the version
 * of such a CLI is missing at first, and is there at a later call.
 */
const PATIENCE_MS = 1_500;

/**
 * Returns a function that detects the agents anew at each call, as they are configured then. What it learned of an
 * executable is kept until the executable changes.
 */
export function agentDetector(
  env: Readonly<Record<string, string>>,
): (configured: Config["agents"]) => Promise<DetectedAgent[]> {
  let now: Config["agents"] = {};
  const search = new AgentSearch({
    agents: knownProfiles(() => now),
    probe: new AgentProbe(),
    settings: () => agentSettings(now),
  });
  return async (configured) => {
    now = configured;
    const { promise: patience, resolve } = Promise.withResolvers<void>();
    using _deadline = new Deadline(PATIENCE_MS, resolve);
    const found = await search.detectAll({ ...env }, { patience });
    return found.map(({ name, title, available, version, hint }) => ({
      name,
      title,
      available,
      ...(version === null ? {} : { version }),
      ...(hint === null ? {} : { hint }),
    }));
  };
}
