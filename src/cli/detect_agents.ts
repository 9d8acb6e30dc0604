/**
 * Room `cli`: which agents this terminal's or host's PATH offers. Needs no daemon.
 *
 * @module
 */
import { AgentCatalog } from "../agents/detection/catalog.ts";
import { agentSettings, knownDrivers } from "../agents/detection/known_drivers.ts";
import type { Config } from "../config/schema.ts";
import type { AgentState } from "../service/read_requests.ts";
import { AgentProbe } from "../system/agent_probe.ts";
import { Deadline } from "../system/deadline.ts";

export interface DetectedAgent extends AgentState {
  readonly title: string;
}

export interface DetectOptions {
  readonly env: Readonly<Record<string, string>>;
  /** As it is now: agents of the user's own come and go with it. */
  readonly config: () => Config;
}

/**
 * Ms for all versions together: a list of tools does not wait for a CLI that is slow to answer. Its version comes with
 * the next look.
 */
const PATIENCE_MS = 1_500;

/** Asks anew at each call; what was learned of an executable is kept until that changes. */
export function agentDetector({ env, config }: DetectOptions): () => Promise<DetectedAgent[]> {
  const catalog = new AgentCatalog({
    drivers: knownDrivers(() => config().agents),
    probe: new AgentProbe(),
    settings: () => agentSettings(config().agents),
  });
  return async () => {
    const { promise: patience, resolve } = Promise.withResolvers<void>();
    using _deadline = new Deadline(PATIENCE_MS, resolve);
    const found = await catalog.detectAll({ ...env }, { patience });
    return found.map(({ name, title, available, version, hint }) => ({
      name,
      title,
      available,
      ...(version === null ? {} : { version }),
      ...(hint === null ? {} : { hint }),
    }));
  };
}
