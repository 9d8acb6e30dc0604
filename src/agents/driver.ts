/**
 * Room `agents`: what agent-async knows of each coding-agent CLI, as data and pure functions. Rule of the room:
 * nothing here starts a process, reads a file or tells the time, so a driver is tested with strings recorded from
 * the real CLI.
 *
 * @module
 */
import type { CustomAgentConfig } from "../domain/agent/custom_agent.ts";
import type { ApprovalPolicy } from "../domain/agent/policy.ts";
import type { Failure } from "../domain/turn/turn.ts";
import type { LoginCheck, McpList, SandboxCheck } from "./agent_questions.ts";
import type { ProjectFile, ProjectMemories, ProjectRules, PromptSite } from "./project_texts.ts";
import type { SessionRecord } from "./session_record.ts";
import type { AgentCommand, TurnPlan } from "./turn_command.ts";
import type { ReaderContext, Remains, TurnReader } from "./turn_reader.ts";

export interface AgentDriver {
  /** Lower case, as in `<name>_start`. */
  readonly name: string;
  /**
   * Of the protocol between it and its agent, 1 unless given. Raised when its reader reads otherwise what a turn has
   * printed that an earlier version began.
   */
  readonly revision?: number;
  /** The entry of the configuration that it was made from, of an agent of the user's own. */
  readonly entry?: CustomAgentConfig;
  /** As people call it: "Codex CLI". */
  readonly title: string;
  /** Names to look for on the host's PATH, in order of preference. */
  readonly executables: readonly string[];
  /**
   * One of those names is a common word: an executable whose version does not read as this agent's is another
   * program, unless the configuration names it.
   */
  readonly hasCommonName?: boolean;
  /**
   * Better executables than the one found, in order of preference (a native binary behind an npm launcher).
   * @param realPath the found one with symlinks resolved.
   */
  nativeCandidates?(realPath: string, platform: { os: string; arch: string }): readonly string[];
  /**
   * Its package on npm. Where the executable lies in that package, `package.json` tells the version: asking Gemini CLI
   * itself takes 2 s.
   */
  readonly npmPackage?: string;
  readonly versionArgs: readonly string[];
  readVersion(stdout: string): string | null;
  /** The oldest version that works, and the newest that was tested. */
  readonly versions: { readonly oldest: string; readonly tested: string };
  readonly login?: LoginCheck;
  readonly sandbox?: SandboxCheck;
  /**
   * What a policy lets it do, in a few words for the model that starts it, where the policy's name promises more than
   * this agent does.
   */
  readonly lets?: Readonly<Partial<Record<ApprovalPolicy, string>>>;
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
  /** What to add to a prompt in a git repository, where the policy refuses something that it asks for; `null`: nothing. */
  promptNote?(prompt: string, policy: ApprovalPolicy): string | null;
  /** Rules of a project that this agent reads by itself; the prompt of any other agent carries them. */
  readonly projectRules?: ProjectRules;
  /** A project's instructions that the CLI would read by itself and does not under this policy; `null`: none. */
  memoriesLeftOut?(plan: Pick<TurnPlan, "policy" | "untrustedRoots">): ProjectMemories | null;
  /** In a project, what would be read as settings once the user trusts it. */
  readonly settingsDirectory?: string;
  /** Whether `plan.nestedRepositories` matters to it under `auto-edit`; to look for them takes time. */
  readonly protectsNestedRepositories?: boolean;
  /**
   * A file of the project that makes the CLI run a program, or allow more than the policy says, and that no option of
   * the CLI takes out of force. A turn below `full-auto` is refused over it.
   */
  readonly projectFiles?: readonly ProjectFile[];
  /** The approval policies that it can keep; without it, all of them. */
  readonly policies?: readonly ApprovalPolicy[];
  /** How to end it so that it cleans up after itself. */
  readonly gracefulSignal: "SIGINT" | "SIGTERM";
  /** What to do when it is not installed, too old or not logged in: one sentence each. */
  readonly hints: { readonly install: string; readonly upgrade: string; readonly login: string };
  /** What its events tell of; all, unless given. What an agent does not tell is unknown, never none. */
  readonly tells?: { readonly files: boolean; readonly commands: boolean };
  /** Where its own record of a session lies, of a turn with this environment. */
  sessionRecord?(sessionId: string, env: Readonly<Record<string, string>>): SessionRecord | null;
  command(plan: TurnPlan): AgentCommand;
  reader(context: ReaderContext): TurnReader;
  /** What was not allowed, each in a few words, for a CLI whose events leave it out and whose stderr tells of it. */
  refusals?(stderr: string): readonly string[];
  /** The end of stderr as a person should see it, for a CLI that says much there on every run. */
  withoutChatter?(stderr: string): string;
  /** The reason behind a process that ended without a last word, if it can be recognised. */
  diagnose(remains: Remains): Failure | null;
}
