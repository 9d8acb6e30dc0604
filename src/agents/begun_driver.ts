/**
 * Room `agents`: the driver that began a turn, from what was recorded of it then.
 *
 * @module
 */
import { CustomAgentConfig } from "../domain/agent/custom_agent.ts";
import type { LaunchRecord } from "../domain/turn/launch_record.ts";
import type { ApprovalPolicy } from "../domain/agent/policy.ts";
import { BUILT_IN_DRIVERS } from "./builtin.ts";
import { customDriver } from "./custom/driver.ts";
import type { AgentDriver } from "./driver.ts";
import { unknownDriver } from "./unknown_driver.ts";

/** The name of the driver in a launch record when the agent is one of the user's own. */
const CUSTOM = "custom";

/** The revision of a driver that gives none. */
const FIRST_REVISION = 1;

export function recordOf(
  driver: AgentDriver,
  { policy, model }: { policy: ApprovalPolicy; model: string | null },
): LaunchRecord {
  const { name, revision = FIRST_REVISION, gracefulSignal, entry } = driver;
  return {
    driver: entry === undefined ? name : CUSTOM,
    revision,
    policy,
    ...(model === null ? {} : { model }),
    signal: gracefulSignal,
    // Its variables may be keys, and reading needs none.
    ...(entry === undefined ? {} : { options: { ...entry, env: {} } }),
  };
}

/**
 * Never fails: a driver of a later version is one that reads nothing, but knows how its agent is asked to stop.
 *
 * @param name the agent's
 */
export function begunDriver(name: string, record: LaunchRecord): AgentDriver {
  return knownDriver(name, record) ?? unknownDriver(name, record);
}

function knownDriver(name: string, { driver, revision, options }: LaunchRecord): AgentDriver | null {
  if (driver === CUSTOM) {
    const entry = CustomAgentConfig.safeParse(options);
    return revision <= FIRST_REVISION && entry.success ? customDriver(name, entry.data) : null;
  }
  const known = BUILT_IN_DRIVERS.find((each) => each.name === driver);
  return known !== undefined && revision <= (known.revision ?? FIRST_REVISION) ? known : null;
}
