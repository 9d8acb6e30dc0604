/**
 * Room `agents`: what a project's files mean to an agent: names in a prompt, memories, rules, settings.
 *
 * @module
 */
import type { TurnPlan } from "./turn_command.ts";

/** What a prompt's words can mean where the agent works. */
export interface PromptSite {
  /**
   * Whether `text` names a file or directory from there, or is a part of the path of one below it, in either case of
   * letters: what agents look for behind an at sign. True as well where it cannot be told in a moment.
   */
  hasPath(text: string): boolean;
}

/** Instructions that a project keeps for an agent, in the working directory and those above it. */
export interface ProjectMemories {
  /** Groups of paths. Of each directory, all files of the first group count of which it has at least one. */
  readonly groups: readonly (readonly string[])[];
  /** Whether the CLI itself reads the first group in the working directory, so that only those above are missing. */
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
  /** The environment that the agent gets. */
  readonly env: Readonly<Record<string, string>>;
  /** The text of a file of the user's; `null` when there is none. */
  readonly read: (path: string) => string | null;
}
