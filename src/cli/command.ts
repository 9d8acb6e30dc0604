/**
 * Room `cli`: a command as data. The parser, the help, the completions and docs/commands.md are all made from one
 * declaration.
 * The code that a command runs is loaded only when it runs.
 *
 * @module
 */
import type * as z from "zod";
import type { Context } from "./context.ts";
import { type ExitCode, UsageError } from "./entry/exit_code.ts";

export interface ArgumentSpec {
  /** The name as the help shows it, such as `ID`. In lower case it is the argument's key in the input. */
  readonly name: string;
  readonly summary: string;
  readonly isOptional?: boolean;
  /** Takes all remaining words of the line. Its value in the input is a list. */
  readonly isVariadic?: boolean;
  /** The only words that the argument may be. The completions offer them. */
  readonly words?: readonly string[];
  /** Free text, such as a prompt. It may consist of several words, and may begin like an option. */
  readonly isFreeText?: boolean;
}

export interface OptionSpec {
  /**
   * The flags as the help shows them, such as `-C, --cwd <dir>` or `--json`. The long name in camelCase is the option's
   * key in the input.
   */
  readonly flags: string;
  readonly summary: string;
  /** The option may be given several times. Its value in the input is a list. */
  readonly isRepeatable?: boolean;
  /** The only words that the option's value may be. The completions offer them. */
  readonly words?: readonly string[];
  readonly isHidden?: boolean;
}

export interface Example {
  /** The command line without the program's name. */
  readonly line: string;
  readonly says: string;
}

interface Declaration {
  readonly name: string;
  /** What the command does, for one line of a list: a sentence without a full stop. */
  readonly summary: string;
  /** Further sentences, shown only in the command's own help. */
  readonly details?: string;
  /** The heading in the help under which the command is listed. */
  readonly group?: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  readonly examples?: readonly Example[];
  /**
   * The shape of what `--json` prints: keys in braces, with `?` behind a key that may be missing. Programs rely on it,
   * so keys are added, and never removed or changed.
   */
  readonly json?: string;
  /** The command is for the program's own use, so the help does not list it. */
  readonly isHidden?: boolean;
}

/** A command, or a group of them that does nothing by itself. */
export interface Command extends Declaration {
  readonly subcommands?: readonly Command[];
  /** The keys of the input schema. A test compares them with the declared arguments and options. */
  readonly inputKeys: readonly string[];
  /**
   * Checks the input and runs the command.
   *
   * @param raw what was typed, by key: texts, lists of texts and switches.
   * @throws UsageError when the input does not fit the schema.
   */
  run?(raw: Readonly<Record<string, unknown>>, context: Context): Promise<ExitCode>;
}

export interface CommandSpec<Input extends z.ZodObject> extends Declaration {
  readonly input: Input;
  run(input: z.infer<Input>, context: Context): Promise<ExitCode>;
}

export function defineCommand<Input extends z.ZodObject>(spec: CommandSpec<Input>): Command {
  const { input, run, ...declaration } = spec;
  return {
    ...declaration,
    inputKeys: Object.keys(input.shape),
    run(raw, context) {
      const parsed = input.safeParse(raw);
      if (parsed.success) return run(parsed.data, context);
      const faults = parsed.error.issues.map((issue) => {
        return `${spellingOf(declaration, String(issue.path[0] ?? ""))}: ${issue.message}`;
      });
      return Promise.reject(new UsageError(faults.join("; ")));
    },
  };
}

export function defineGroup(declaration: Declaration, subcommands: readonly Command[]): Command {
  return { ...declaration, subcommands, inputKeys: [] };
}

/** The key of an option's value in the input: `--context-file <path>` is `contextFile`. */
export function keyOfOption(option: OptionSpec): string {
  return longName(option).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

export function keyOfArgument(argument: ArgumentSpec): string {
  return argument.name.toLowerCase();
}

function longName(option: OptionSpec): string {
  return /--([a-z][a-z-]*)/.exec(option.flags)?.[1] ?? option.flags;
}

function spellingOf(declaration: Declaration, key: string): string {
  const option = declaration.options?.find((candidate) => keyOfOption(candidate) === key);
  if (option !== undefined) return `--${longName(option)}`;
  return declaration.arguments?.find((candidate) => keyOfArgument(candidate) === key)?.name ?? key;
}
