/**
 * Room `cli`: what can be completed, read off the declarations of the commands: nothing is written down twice.
 *
 * @module
 */
import type { ArgumentSpec, Command, OptionSpec } from "../command.ts";

/** What a word may be: one of a few, or something that there is on this machine. */
export type Completion =
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** Of a job; its id, or `last`. */
  | { readonly kind: "job" }
  /** A coding agent that comes with the program or is configured. */
  | { readonly kind: "agent" }
  /** Of the configuration. */
  | { readonly kind: "key" }
  | { readonly kind: "directory" }
  | { readonly kind: "file" }
  /** Whatever somebody writes. */
  | { readonly kind: "text" };

export interface CompletionOption {
  /** `-C`, when there is one. */
  readonly short: string | null;
  /** `--cwd`. */
  readonly long: string;
  readonly summary: string;
  /** `null` for a switch. */
  readonly value: Completion | null;
}

export interface CompletionArgument {
  readonly name: string;
  readonly isVariadic: boolean;
  readonly value: Completion;
}

export interface CompletionNode {
  readonly name: string;
  /** As typed: `config get`. */
  readonly path: string;
  readonly summary: string;
  readonly options: readonly CompletionOption[];
  readonly arguments: readonly CompletionArgument[];
  readonly children: readonly CompletionNode[];
}

/** Lists jobs for completions: an id, a tab and what job that is, a line each. */
export const JOBS_COMMAND = "agent-async list --for-completions 2>/dev/null";
/** Lists the agents for completions: a name, a tab and its title, a line each. */
export const AGENTS_COMMAND = "agent-async list-agents --for-completions 2>/dev/null";
/** Lists the keys of the configuration. */
export const KEYS_COMMAND = "agent-async config 2>/dev/null | sed 's/ = .*//'";

/** Every command that is not hidden. */
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

/** The nodes with all that are below them. */
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

/** @param name as in the help: `<dir>`, `ID`. */
function completionOf(name: string, words: readonly string[] = []): Completion {
  if (name.toLowerCase() === "agent") return { kind: "agent" };
  if (words.length > 0) return { kind: "words", words };
  if (name === "ID") return { kind: "job" };
  if (name === "KEY") return { kind: "key" };
  if (name === "dir") return { kind: "directory" };
  return { kind: name === "path" ? "file" : "text" };
}
