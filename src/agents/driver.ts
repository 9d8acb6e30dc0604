/**
 * Room `agents`: what agent-async knows of each coding-agent CLI, as data and pure functions. Rule of the room:
 * nothing here starts a process, reads a file or tells the time, so a driver is tested with strings recorded from
 * the real CLI.
 *
 * @module
 */
import type { CustomAgentConfig } from "../domain/agent/custom_agent.ts";
import type { ApprovalPolicy } from "../domain/agent/policy.ts";
import type { EventBody } from "../domain/event/event.ts";
import type { Failure, ProcessEnd, Terminal } from "../domain/turn/turn.ts";
import type { Usage } from "../domain/turn/usage.ts";

/** What a driver is told of a turn before it says which command line runs it. */
export interface TurnPlan {
  /** The executable that detection found, absolute. */
  readonly executable: string;
  /** As detection read it, for example `0.169.0`; `null` when it could not be read. */
  readonly version: string | null;
  readonly cwd: string;
  readonly policy: ApprovalPolicy;
  readonly model: string | null;
  /** The agent session to continue; `null` for a new one. */
  readonly sessionId: string | null;
  /** An id of our own making, for agents whose session ids the caller chooses: a random UUID, new for each turn. */
  readonly newSessionId: string;
  /** Git directories of the work tree that `cwd` lies in: what nobody may write below `full-auto`. */
  readonly gitDirs: readonly string[];
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

export interface AgentCommand {
  /** Arguments after the executable. Never the prompt, where `ps` would show it (but see `promptAsArgument`). */
  readonly args: readonly string[];
  /** Variables to add to the host's environment; `null` removes one. */
  readonly env: Readonly<Record<string, string | null>>;
  /** `prompt`: the prompt file is stdin; `none`: /dev/null. */
  readonly stdin: "prompt" | "none";
  /** Files to write into `scratchDir` before the launch, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** For the rare CLI that takes its prompt nowhere else: the index in `args` that the prompt replaces. */
  readonly promptAsArgument?: number;
}

/** What one line of output, or its end, tells. */
export interface Reading {
  readonly events: readonly EventBody[];
  /** The agent's last word, if this was it. A later one overrides an earlier one. */
  readonly terminal?: Terminal;
  /** After a last word it has begun to work again, and will say another one. */
  readonly resumes?: true;
}

/** Reads one turn's output. Deterministic: the same lines give the same readings, which is how a daemon resumes. */
export interface TurnReader {
  /** @param line one whole line without its newline. Never throws: an unknown line is a `raw` event. */
  read(line: string): Reading;
  /**
   * One line of stderr, for a CLI that tells some things nowhere else. What it gives must not depend on what `read` has
   * seen, since nobody knows which of the two came first: what belongs together is for `finish` to say.
   */
  readError?(line: string): readonly EventBody[];
  /**
   * Nothing has come for a while: what was held back until more of it would come, and somebody may be waiting to see.
   * A daemon that resumes calls it once, behind the newest event that its predecessor wrote: as after every event,
   * nothing may be held back after it.
   */
  pause?(): readonly EventBody[];
  /** The output is at its end: what was still held back. */
  finish(): Reading;
}

export interface ReaderContext {
  /** The session that the turn continues, or `null`. */
  readonly sessionId: string | null;
  /** The session's usage as reported at the end of the turn before. */
  readonly sessionUsage: Usage | null;
  /** Epoch ms at which the turn began, for failures that name a time relative to now. */
  readonly startedAt: number;
}

/** What a driver's `diagnose` gets of a process that said nothing useful on stdout. */
export interface Remains {
  readonly end: ProcessEnd;
  /** The last 8 KiB of stderr. */
  readonly stderr: string;
  readonly startedAt: number;
}

/** What a prompt's words can mean where the agent works. */
export interface PromptSite {
  /**
   * Whether `text` names a file or directory from there, or is a part of the path of one below it, in either case of
   * letters: what agents look for behind an at sign. True as well where it cannot be told in a moment.
   */
  hasPath(text: string): boolean;
}

export interface LoginCheck {
  readonly args: readonly string[];
  /** `null`: cannot be told. */
  read(exitCode: number, stdout: string, stderr: string): boolean | null;
  /** A variable that, when it is set, lets the agent work although the answer is that nobody is logged in. */
  readonly keyVariable?: string;
  /** When the agent may work without a login all the same: a clause for people, shown in brackets. */
  readonly exception?: string;
}

/** How to learn whether an agent can sandbox the commands of its model on this machine. */
export interface SandboxCheck {
  /** How people call the agent in a sentence about its sandbox. */
  readonly agent: string;
  /** Command lines that run a harmless command in the sandbox, the newest form first. */
  argsToTry(os: string): readonly (readonly string[])[];
  /** The exit code for a form that this version does not know: the next one is tried. */
  readonly unknownFormCode: number;
  /** What to do where the sandbox does not work: one sentence. */
  fix(os: string): string;
}

/** The record that an agent keeps of a session: what it says when the agent's output did not. */
export interface SessionRecord {
  /** Absolute; the first of them in which it lies is meant. */
  readonly directories: readonly string[];
  isNamed(fileName: string): boolean;
  /**
   * What the session has used in all, by the newest count that is not older than `since` (epoch ms); `null` when there
   * is none.
   *
   * @param end of the record, which may begin in the middle of a line
   */
  readUsage(end: string, since: number): Usage | null;
}

/** Where and for whom an agent is asked something about itself. */
export interface Question {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What an answer depends on: paths of files and directories, which need not be there, and names of variables. */
export interface Dependencies {
  readonly files: readonly string[];
  readonly variables: readonly string[];
}

/** How an agent names the MCP servers that it would start. */
export interface McpList {
  readonly args: readonly string[];
  /** What the answer depends on besides the executable. */
  dependsOn(question: Question): Dependencies;
  /** `null`: cannot be told. */
  read(exitCode: number, stdout: string): readonly string[] | null;
}

/** Instructions that a project keeps for an agent, in the working directory and those above it. */
export interface ProjectMemories {
  /** In each directory, of the first of these groups of which a file is there, all files. */
  readonly groups: readonly (readonly string[])[];
  /** The CLI reads the first group in the working directory by itself. */
  readonly readsFirstInCwd: boolean;
}

/** Rules that a project keeps for one agent and that mean something to every other. */
export interface ProjectRules {
  /** Paths from the working directory, read first. */
  readonly files: readonly string[];
  /** A directory whose files are read after those, in alphabetical order. */
  readonly directory: { readonly path: string; readonly fileName: RegExp };
}

export interface ProjectFile {
  /** From the work tree's root, or from the working directory. */
  readonly path: string;
  /** What it makes the CLI do, as the end of the sentence that begins with the file's name; `null`: nothing. */
  effect(text: string, turn: ProjectTurn): string | null;
}

/** What decides whether a project's file has an effect. */
export interface ProjectTurn {
  readonly mcp: TurnPlan["mcp"];
  /** As the agent gets it. */
  readonly env: Readonly<Record<string, string>>;
  /** The text of a file of the user's; `null` when there is none. */
  readonly read: (path: string) => string | null;
}

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
