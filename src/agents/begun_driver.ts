/**
 * Room `agents`: the driver that began a turn, from what was recorded of it then.
 *
 * @module
 */
import { CustomAgentConfig } from "../domain/agent/custom_agent.ts";
import type { LaunchRecord } from "../domain/turn/launch_record.ts";
import type { ApprovalPolicy } from "../domain/agent/policy.ts";
import { opened } from "../domain/reading/opened.ts";
import { builtInDriver } from "./builtin.ts";
import { customDriver } from "./custom/driver.ts";
import type { AgentDriver } from "./driver.ts";
import { type LiveDriver, TalkContext } from "./live_driver.ts";
import { unknownDriver } from "./unknown_driver.ts";

/** The name of the driver in a launch record when the agent is one of the user's own. */
const CUSTOM = "custom";

/** The revision of a driver that gives none. */
const FIRST_REVISION = 1;

/** @param launch.talk what the talk of a two-way turn was made from */
export function recordOf(
  driver: AgentDriver,
  { policy, model, talk }: { policy: ApprovalPolicy; model: string | null; talk?: TalkContext | undefined },
): LaunchRecord {
  const { name, gracefulSignal, entry } = driver;
  const { revision = FIRST_REVISION, gracefulSignal: signal = gracefulSignal } = talk === undefined
    ? driver
    : driver.live ?? driver;
  return {
    driver: entry === undefined ? name : CUSTOM,
    revision,
    ...(talk === undefined ? {} : { talk }),
    policy,
    ...(model === null ? {} : { model }),
    signal,
    // Its variables may be keys, and reading needs none.
    ...(entry === undefined ? {} : { options: { ...entry, env: {} } }),
  };
}

/**
 * Never fails: a driver of a later version is one that reads nothing, but knows how its agent is asked to stop.
 *
 * @param name the agent's
 * @param named the driver of a name that is in a record, if there is one
 */
export function begunDriver(name: string, record: LaunchRecord, named: Named = builtInDriver): AgentDriver {
  return knownDriver(name, record, named) ?? unknownDriver(name, record);
}

/** The talk that a turn was begun with; `null` for a one-way turn, or where this version cannot go on with it. */
export function begunTalk(driver: AgentDriver, record: LaunchRecord): LiveTalk | null {
  const context = opened(TalkContext).safeParse(record.talk);
  return driver.live == null || !context.success ? null : { live: driver.live, context: context.data };
}

/** The signal upon which the agent of a turn ends in order. @param talk of a two-way turn */
export function gracefulSignalOf(driver: AgentDriver, talk: LiveTalk | null): "SIGINT" | "SIGTERM" {
  return talk?.live.gracefulSignal ?? driver.gracefulSignal;
}

/** A two-way driver, and what the talk of a turn is made from. */
export interface LiveTalk {
  readonly live: LiveDriver;
  readonly context: TalkContext;
}

type Named = (name: string) => AgentDriver | null | undefined;

function knownDriver(name: string, record: LaunchRecord, named: Named): AgentDriver | null {
  const known = record.driver === CUSTOM ? customOf(name, record) : named(record.driver) ?? null;
  if (known === null) return null;
  const reading = record.talk === undefined ? known : known.live ?? null;
  return reading !== null && record.revision <= (reading.revision ?? FIRST_REVISION) ? known : null;
}

function customOf(name: string, { options }: LaunchRecord): AgentDriver | null {
  const entry = CustomAgentConfig.safeParse(options);
  return entry.success ? customDriver(name, entry.data) : null;
}
