/**
 * Room `agents`: what was found of one agent, and what to do about it when it cannot work.
 *
 * @module
 */
import type { AgentProfile } from "../profiles/agent_profile.ts";

/** What the configuration says of one agent. */
export interface AgentSettings {
  /** A name to look for on PATH, or an absolute path. */
  readonly command?: string | undefined;
  readonly model?: string | null | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly mcp?: "none" | "inherit" | undefined;
  /** Whether its turns are two-way where both ways are possible; `null` and absent leave that to the agent. */
  readonly live?: boolean | null | undefined;
}

export interface Detection {
  readonly name: string;
  readonly title: string;
  readonly available: boolean;
  /** Absolute; the native binary where there is one. */
  readonly executable: string | null;
  readonly version: string | null;
  readonly problem: "not_installed" | "too_old" | null;
  /** What to do about the problem, in one sentence. */
  readonly hint: string | null;
}

/** @param command of the configuration, if it names one. */
export function missing(agent: AgentProfile, command: string | undefined): Detection {
  const where = command === undefined
    ? `${agent.title} was not found on PATH.`
    : `${agent.title} was not found as the configured command "${command}".`;
  return {
    name: agent.name,
    title: agent.title,
    available: false,
    executable: null,
    version: null,
    problem: "not_installed",
    hint: `${where} ${agent.hints.install}`,
  };
}

export function tooOld(
  agent: AgentProfile,
  { executable, version }: { executable: string; version: string },
): Detection {
  const { oldest } = agent.versions;
  return {
    name: agent.name,
    title: agent.title,
    executable,
    version,
    available: false,
    problem: "too_old",
    hint: `${agent.title} ${version} is too old, ${oldest} is needed. ${agent.hints.upgrade}`,
  };
}
