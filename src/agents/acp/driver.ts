/**
 * Room `agents`: the two-way driver of every agent that speaks ACP, the Agent Client Protocol (version 1, lenient to
 * what version 2 adds). What varies by agent is its {@link AcpAgent}: data of a preset, of the configuration or of a
 * built-in agent.
 *
 * The official SDK is not part of the program: its schemas are not exported, but part of connections that own the stream
 * and the clock, and they refuse what they do not know. A talk must be a pure fold over lines and go on with an unknown
 * one. The tests speak to an agent that is made with the SDK, which checks every line that is said.
 *
 * @module
 */
import type { LiveDriver } from "../live_driver.ts";
import type { AcpAgent } from "./agent.ts";
import { AcpTalk } from "./talk.ts";

export function acpDriver(agent: AcpAgent): LiveDriver {
  return {
    policies: agent.policies,
    steers: agent.steers ? "injected" : null,
    command: (plan) => agent.command(plan),
    talk: (context) => new AcpTalk(agent, context),
  };
}
