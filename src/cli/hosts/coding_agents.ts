/**
 * Room `cli`: the coding agents of this machine as `list-agents` tells them: which are here, in which version, logged
 * in or not, and how this program drives them.
 *
 * @module
 */
import { AgentCatalog } from "../../agents/detection/catalog.ts";
import { agentSettings } from "../../agents/detection/known_agents.ts";
import { knownDrivers } from "../../agents/detection/known_drivers.ts";
import type { Config } from "../../config/schema.ts";
import { AgentProbe } from "../../system/agent_probe.ts";

export interface CodingAgent {
  readonly name: string;
  readonly title: string;
  /** Whether jobs can be started with it. */
  readonly available: boolean;
  readonly executable: string | null;
  readonly version: string | null;
  /** `null` when that cannot be found out. */
  readonly logged_in: boolean | null;
  /**
   * How its output is read. `events`: by a reader of its own. `jsonl`: by the mapping in its entry. `text`: as text.
   */
  readonly driven: "events" | "jsonl" | "text" | "acp";
}

export async function codingAgents(
  agents: Config["agents"],
  env: Readonly<Record<string, string>>,
): Promise<CodingAgent[]> {
  const catalog = new AgentCatalog({
    drivers: knownDrivers(() => agents),
    probe: new AgentProbe(),
    settings: () => agentSettings(agents),
  });
  const found = await catalog.detectAll(env);
  return await Promise.all(found.map(async ({ name, title, available, executable, version }) => ({
    name,
    title,
    available,
    executable,
    version,
    logged_in: available ? await catalog.isLoggedIn(name, env) : null,
    driven: catalog.driver(name)?.entry?.output ?? "events",
  })));
}
