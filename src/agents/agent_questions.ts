/**
 * Room `agents`: what an agent can be asked about itself before it works, and how its answers are read.
 *
 * @module
 */

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
  /** Where jobs use the sandbox only once its user has switched it on, which no trial shows: how, in one sentence. */
  switchedOnBy?(os: string): string | null;
}

/** How an agent names the MCP servers that it would start. */
export interface McpList {
  readonly args: readonly string[];
  /** What the answer depends on besides the executable. */
  dependsOn(question: Question): Dependencies;
  /** `null`: cannot be told. */
  read(exitCode: number, stdout: string): readonly string[] | null;
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
