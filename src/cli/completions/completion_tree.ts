/**
 * Room `cli`: what a shell can complete, derived from the declarations of the commands. Nothing is declared a second
 * time for
 * completions.
 *
 * @module
 */
import type { ArgumentSpec, Command, OptionSpec } from "../command.ts";

/** What a word on the command line may be: one of a few fixed words, or something that is looked up on this machine. */
export type Completion =
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** The id of a job, or `last`. */
  | { readonly kind: "job" }
  /** The name of a built-in or configured coding agent. */
  | { readonly kind: "agent" }
  /** A key of the configuration. */
  | { readonly kind: "key" }
  | { readonly kind: "directory" }
  | { readonly kind: "file" }
  /** Free text, which has no completions. */
  | { readonly kind: "text" };

export interface CompletionOption {
  /** The short flag, such as `-C`; `null` when the option has none. */
  readonly short: string | null;
  /** The long flag, such as `--cwd`. */
  readonly long: string;
  readonly summary: string;
  /** What the option's value may be; `null` for an option without a value. */
  readonly value: Completion | null;
}

export interface CompletionArgument {
  readonly name: string;
  readonly isVariadic: boolean;
  readonly value: Completion;
}

export interface CompletionNode {
  readonly name: string;
  /** The names that lead to the command, such as `config get`. */
  readonly path: string;
  readonly summary: string;
  readonly options: readonly CompletionOption[];
  readonly arguments: readonly CompletionArgument[];
  readonly children: readonly CompletionNode[];
}

/** Shell command that lists jobs, one a line: the id, a tab and a description. */
export const JOBS_COMMAND = "agent-async list --for-completions 2>/dev/null";
/** Shell command that lists agents, one a line: the name, a tab and the title. */
export const AGENTS_COMMAND = "agent-async list-agents --for-completions 2>/dev/null";
/** Shell command that lists the keys of the configuration, one a line. */
export const KEYS_COMMAND = "agent-async config 2>/dev/null | sed 's/ = .*//'";

/**
 * The tree of all commands that are not hidden.
 *
 * @param above the path of the parent and a space; empty at the top.
 */
export function completionTree(commands: readonly Command[], above = ""): CompletionNode[] {
  return commands.filter((command) => command.isHidden !== true).map((command) => {
    const path = `${above}${command.name}`;
    return {
      name: command.name,
      path,
      summary: command.summary,
      options: (command.options ?? []).filter((option) => option.isHidden !== true).map(completionOption),
      arguments: (command.arguments ?? []).map(completionArgument),
      children: completionTree(command.subcommands ?? [], `${path} `),
    };
  });
}

/** The nodes of the tree and of all levels below, as one list. */
export function everyNode(tree: readonly CompletionNode[]): CompletionNode[] {
  return tree.flatMap((node) => [node, ...everyNode(node.children)]);
}

function completionOption(option: OptionSpec): CompletionOption {
  const value = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1];
  return {
    short: /(?:^|[ ,])(-[A-Za-z])\b/.exec(option.flags)?.[1] ?? null,
    long: /--[a-z][a-z-]*/.exec(option.flags)?.[0] ?? option.flags,
    summary: option.summary,
    value: value === undefined ? null : completionOf(value, option.words),
  };
}

function completionArgument(argument: ArgumentSpec): CompletionArgument {
  return {
    name: argument.name,
    isVariadic: argument.isVariadic ?? false,
    value: completionOf(argument.name, argument.words),
  };
}

/** @param name the name as the help shows it, without brackets: `dir`, `ID`. */
function completionOf(name: string, words: readonly string[] = []): Completion {
  if (name.toLowerCase() === "agent") return { kind: "agent" };
  if (words.length > 0) return { kind: "words", words };
  if (name === "ID") return { kind: "job" };
  if (name === "KEY") return { kind: "key" };
  if (name === "dir") return { kind: "directory" };
  return { kind: name === "path" ? "file" : "text" };
}
