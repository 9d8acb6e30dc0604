/**
 * Room `cli`: a command as data. Parsing, help, completions and docs/commands.md are all made from one
 * declaration; what a command does is loaded only when it runs.
 *
 * @module
 */
import type * as z from "zod";
import type { Context } from "./context.ts";
import { type ExitCode, UsageError } from "./entry/exit_code.ts";

export interface ArgumentSpec {
  /** As in the help: `ID`; its lower case is the key of the input. */
  readonly name: string;
  readonly summary: string;
  readonly isOptional?: boolean;
  /** Takes the rest of the line: the input is a list. */
  readonly isVariadic?: boolean;
  /** The only words it may be, for completions. */
  readonly words?: readonly string[];
  /** Whatever a person wants to say: it may have several words, or begin like an option. */
  readonly isFreeText?: boolean;
}

export interface OptionSpec {
  /** As in the help: `-C, --cwd <dir>`, `--json`; the long name in camelCase is the key of the input. */
  readonly flags: string;
  readonly summary: string;
  /** May be given several times: the input is a list. */
  readonly isRepeatable?: boolean;
  /** The only words its value may be, for completions. */
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
  /** One sentence without a full stop, for a line of a list. */
  readonly summary: string;
  /** More sentences, for its own help. */
  readonly details?: string;
  /** Under which heading it stands in the help. */
  readonly group?: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  readonly examples?: readonly Example[];
  /**
   * What `--json` prints: its keys in braces, `?` behind those that may be missing. Promised to programs: keys are added
   * and never taken away or changed.
   */
  readonly json?: string;
  /** For ourselves: not in the help. */
  readonly isHidden?: boolean;
}

/** A command, or a group of them that does nothing by itself. */
export interface Command extends Declaration {
  readonly subcommands?: readonly Command[];
  /** The keys that the input has, for the lint of declarations. */
  readonly inputKeys: readonly string[];
  /**
   * @param raw what was typed: text, lists of text and switches by key.
   * @throws UsageError when it is not what the command takes.
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

/** The key under which an option's value is found: `--context-file <path>` is `contextFile`. */
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
