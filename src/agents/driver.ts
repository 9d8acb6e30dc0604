/**
 * Room `agents`: what agent-async knows of each coding-agent CLI, as data and pure functions. Rule of the room:
 * nothing here starts a process, reads a file or tells the time, so a driver is tested with strings recorded from
 * the real CLI.
 *
 * @module
 */
import type { CustomAgentConfig } from "../domain/agent/custom_agent.ts";
import { ApprovalPolicy } from "../domain/agent/policy.ts";
import type { Failure } from "../domain/turn/turn.ts";
import type { LiveDriver } from "./live_driver.ts";
import type { LoginCheck, McpList, SandboxCheck } from "./agent_questions.ts";
import type { AgentProfile } from "./profiles/agent_profile.ts";
import type { ProjectFile, ProjectMemories, ProjectRules, PromptSite } from "./project_texts.ts";
import type { SessionRecord } from "./session_record.ts";
import type { AgentCommand, TurnPlan } from "./turn_command.ts";
import type { ReaderContext, Remains, TurnReader } from "./turn_reader.ts";

export interface AgentDriver extends AgentProfile {
  /**
   * The version of this driver's reading, 1 unless given. It is raised when the reader no longer understands the output
   * of a turn that an earlier version of the program has begun.
   */
  readonly revision?: number;
  /** The configuration's entry that the driver was made from; only for an agent of the user's own. */
  readonly entry?: CustomAgentConfig;
  readonly login?: LoginCheck;
  readonly sandbox?: SandboxCheck;
  /** Arguments with which the CLI runs `words` in its sandbox, where it may write in the directory that it is run in. */
  sandboxed?(words: readonly string[]): readonly string[];
  /**
   * Variables by which a session of this agent tells its children who they belong to. No job inherits them, or a worker
   * would pass for the session that asked. Credentials, homes and endpoints are not among them.
   */
  readonly sessionVariables?: readonly RegExp[];
  /** Asked before a turn under `mcp: "none"`; its answer becomes `plan.mcpServers`. */
  readonly mcpList?: McpList;
  /** Whether a finished job can be continued. */
  readonly hasSessions: boolean;
  /**
   * The CLI's own resume cannot be trusted: a further turn begins a new session and its prompt carries the
   * conversation so far (the scheduler puts it there). `plan.sessionId` is then always `null`.
   */
  readonly replaysConversation?: boolean;
  /**
   * What must be on stdin so that the model reads `prompt`, for a CLI that expands some of it (`/name`, `@path`).
   * Applied once, to the whole text, when the prompt file is written.
   */
  guardPrompt?(prompt: string, site: PromptSite): string;
  /** What to add to a prompt that asks for something which the policy refuses in a git repository; `null`: nothing. */
  promptNote?(prompt: string, policy: ApprovalPolicy): string | null;
  /** Rules of a project that this agent reads by itself; the prompt of any other agent carries them. */
  readonly projectRules?: ProjectRules;
  /** A project's instructions that this policy keeps the CLI from reading, for the prompt to carry; `null`: none. */
  memoriesLeftOut?(plan: Pick<TurnPlan<ApprovalPolicy>, "policy" | "untrustedRoots">): ProjectMemories | null;
  /** The directory of a project whose settings the CLI obeys once the user has told it to trust the project. */
  readonly settingsDirectory?: string;
  /** Whether `plan.nestedRepositories` matters to it under `auto-edit` and `ask`; to look for them takes time. */
  readonly protectsNestedRepositories?: boolean;
  /**
   * Files of a project that make the CLI run a program, or allow more than the policy does, and that no option of the
   * CLI can switch off. A turn below `full-auto` is refused because of them.
   */
  readonly projectFiles?: readonly ProjectFile[];
  /** The approval policies that it can keep one-way; without it, all but `ask`. */
  readonly policies?: readonly ApprovalPolicy[];
  /** The signal upon which the agent ends what it has started and then itself. */
  readonly gracefulSignal: "SIGINT" | "SIGTERM";
  /** Whether it takes this `plan.resultSchema`; else the prompt says what form the answer must have. */
  takesResultSchema?(schema: Readonly<Record<string, unknown>>): boolean;
  /** Whether its usage names money; else its tokens have to be priced. */
  readonly tellsMoney?: boolean;
  /** What its events tell of; all, unless given. What an agent does not tell is unknown, never none. */
  readonly tells?: { readonly files: boolean; readonly commands: boolean };
  /** The agent's own record of a session, for a turn with this environment. */
  sessionRecord?(sessionId: string, env: Readonly<Record<string, string>>): SessionRecord | null;
  /** Speaks with the living agent. `null` and absent: it can only be given a prompt, and read. */
  readonly live?: LiveDriver | null;
  command(plan: TurnPlan): AgentCommand;
  /**
   * The agent's own program for a person, at a terminal, in the session that the job's turns were in; absent where it
   * has none that goes on with a session. What is done there, the next turn finds in the session.
   */
  interactive?(plan: InteractivePlan): InteractiveCommand;
  reader(context: ReaderContext): TurnReader;
  /** Refused actions, each in a few words, for a CLI that tells of them on stderr alone. */
  refusals?(stderr: string): readonly string[];
  /** The end of stderr without the lines that this CLI prints on every run. */
  withoutChatter?(stderr: string): string;
  /** The reason behind a process that ended without a last word, if it can be recognised. */
  diagnose(remains: Remains): Failure | null;
}

/** What a driver is told of a session that a person goes on with. */
export interface InteractivePlan
  extends Pick<TurnPlan<ApprovalPolicy>, "executable" | "version" | "cwd" | "policy" | "model"> {
  readonly sessionId: string;
}

/** A program that a person works with, in the directory of the job's last turn. */
export interface InteractiveCommand {
  /** Arguments after the executable. */
  readonly args: readonly string[];
  /** Variables to add to the terminal's environment; `null` removes one. */
  readonly env: Readonly<Record<string, string | null>>;
}

/** The approval policies that the agent can be held to, one-way or two-way; the most careful first. */
export function policiesOf({ policies, live }: AgentDriver): readonly ApprovalPolicy[] {
  return ApprovalPolicy.options.filter((policy) =>
    (policy !== "ask" && (policies?.includes(policy) ?? true)) ||
    (live != null && (live.policies?.includes(policy) ?? true))
  );
}
