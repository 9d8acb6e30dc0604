/**
 * Room `agents`: what a driver is told of a turn, and the command line that it makes of it.
 *
 * @module
 */
import type { ApprovalPolicy, UnaskedPolicy } from "../domain/agent/policy.ts";

/**
 * What a driver is told of a turn before it says which command line runs it. A one-way driver is never given the policy
 * `ask`.
 */
export interface TurnPlan<Policy extends ApprovalPolicy = UnaskedPolicy> {
  /** The executable that detection found, absolute. */
  readonly executable: string;
  /** As detection read it, for example `0.169.0`; `null` when it could not be read. */
  readonly version: string | null;
  readonly cwd: string;
  readonly policy: Policy;
  readonly model: string | null;
  /** The agent session to continue; `null` for a new one. */
  readonly sessionId: string | null;
  /** An id of our own making, for agents whose session ids the caller chooses: a random UUID, new for each turn. */
  readonly newSessionId: string;
  /** Git directories of the work tree that `cwd` lies in: what nobody may write below `full-auto`. */
  readonly gitDirs: readonly string[];
  /** The git directory of the job's own place, in which it may write; absent outside of places. */
  readonly ownGitDir?: string | undefined;
  /** Work trees of other repositories below `cwd`, as far as they were found. */
  readonly nestedRepositories: readonly string[];
  /**
   * Where the project brings settings for this agent (see `AgentDriver.settingsDirectory`) and the policy gives them no
   * say: the directories that the user may have told the agent to trust. Else empty.
   */
  readonly untrustedRoots: readonly string[];
  /** Directories for temporary files, symbolic links resolved: a sandbox may leave them writable. */
  readonly tempDirs: readonly string[];
  /** Absolute path of the prompt, for agents that read it from a file; it is also stdin. */
  readonly promptFile: string;
  /** JSON Schema of the wanted answer; absent where any form will do. */
  readonly resultSchema?: Readonly<Record<string, unknown>> | undefined;
  /** Absolute path of a directory of this turn for files that the command needs; it exists. */
  readonly scratchDir: string;
  /** Additional arguments of the configuration. */
  readonly extraArgs: readonly string[];
  /** Whether the worker may start the MCP servers of the user's own configuration. */
  readonly mcp: "none" | "inherit";
  /** Names of those servers, for an agent that can only switch them off one by one (see `AgentDriver.mcpList`). */
  readonly mcpServers?: readonly string[];
  /** Whether the process will run as the superuser. */
  readonly isRoot: boolean;
}

export interface AgentCommand<Stdin extends "prompt" | "none" | "channel" = "prompt" | "none"> {
  /** Arguments after the executable. Never the prompt, where `ps` would show it (but see `promptAsArgument`). */
  readonly args: readonly string[];
  /** Variables to add to the host's environment; `null` removes one. */
  readonly env: Readonly<Record<string, string | null>>;
  /**
   * `prompt`: the prompt file is stdin; `none`: /dev/null. `channel`, for two-way drivers alone: a file that grows by
   * what is said to the agent.
   */
  readonly stdin: Stdin;
  /** Files to write into `scratchDir` before the launch, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** For the rare CLI that takes its prompt nowhere else: the index in `args` that the prompt replaces. */
  readonly promptAsArgument?: number;
}
