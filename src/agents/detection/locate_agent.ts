/**
 * Room `agents`: where an agent's executable is.
 *
 * @module
 */
import type { AgentProfile } from "../profiles/agent_profile.ts";
import type { Probe } from "./probe.ts";

/** Where an agent was found. */
export interface Place {
  /** What runs: the native binary where there is one. */
  readonly executable: string;
  /** What was found, with symlinks resolved. */
  readonly realPath: string;
}

export interface Whereabouts {
  /** A name or an absolute path of the configuration; without it, the agent's own names are looked for. */
  readonly command: string | undefined;
  /** The environment of the host that asks, with the configuration's variables: its PATH decides. */
  readonly env: Readonly<Record<string, string>>;
  /** The directory in which the host runs, from which a PATH's relative entries lead. */
  readonly from: string | undefined;
}

/** Looks for an agent's executable, and for a better one that its profile knows; `null` when there is none. */
export function locateAgent(
  agent: AgentProfile,
  { command, env, from }: Whereabouts,
  probe: Probe,
): Place | null {
  const path = env["PATH"] ?? env["Path"] ?? "";
  const found = command !== undefined && isAbsolute(command)
    ? (probe.isExecutable(command) ? command : null)
    : probe.find(command === undefined ? agent.executables : [command], path, from);
  if (found === null) return null;
  const realPath = probe.realPath(found);
  const candidates = agent.nativeCandidates?.(realPath, probe.platform) ?? [];
  const executable = candidates.find((candidate) => probe.isExecutable(candidate)) ?? found;
  return { executable, realPath };
}

function isAbsolute(path: string): boolean {
  return path.startsWith("/") || /^(?:[A-Za-z]:[/\\]|\\\\)/.test(path);
}
