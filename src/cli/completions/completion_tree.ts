/**
 * Room `cli`: what can be completed, read off the declarations of the commands: nothing is written down twice.
 *
 * @module
 */
import type { Command, OptionSpec } from "../command.ts";

export interface CompletionOption {
  /** `-C`, when there is one. */
  readonly short: string | null;
  /** `--cwd`. */
  readonly long: string;
  readonly summary: string;
  readonly takes: "nothing" | "directory" | "file" | "text";
  /** The only words it takes, when they are known. */
  readonly words: readonly string[];
}

export interface CompletionNode {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletionOption[];
  /** Words that its arguments may be. */
  readonly words: readonly string[];
  readonly children: readonly CompletionNode[];
}

/** Every command that is not hidden. */
export function completionTree(commands: readonly Command[]): CompletionNode[] {
  return commands.filter((command) => command.isHidden !== true).map((command) => ({
    name: command.name,
    summary: command.summary,
    options: (command.options ?? []).filter((option) => option.isHidden !== true).map(completionOption),
    words: (command.arguments ?? []).flatMap((argument) =>
      argument.words ?? (isJobId(argument.name) ? ["last"] : [])
    ),
    children: completionTree(command.subcommands ?? []),
  }));
}

function completionOption(option: OptionSpec): CompletionOption {
  const value = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1];
  const takes = value === undefined
    ? "nothing"
    : /dir/.test(value)
    ? "directory"
    : /file|path/.test(value)
    ? "file"
    : "text";
  return {
    short: /(?:^|[ ,])(-[A-Za-z])\b/.exec(option.flags)?.[1] ?? null,
    long: /--[a-z][a-z-]*/.exec(option.flags)?.[0] ?? option.flags,
    summary: option.summary,
    takes,
    words: option.words ?? [],
  };
}

function isJobId(argument: string): boolean {
  return argument === "ID";
}
