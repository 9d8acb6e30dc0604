/**
 * Room `cli`: parses arguments and makes the help, with commander and from the declarations of the commands. No other
 * file uses
 * commander. Loading it takes 23 ms, so the MCP server never does.
 *
 * @module
 */
import { Argument, Command as Program, CommanderError, Option } from "commander";
import { type Command, keyOfArgument } from "../command.ts";
import { type Refusal, refusalOf, unknownCommand } from "./refusal.ts";
import { shortHelp } from "./short_help.ts";
import { wrapWords } from "../render/wrap_words.ts";

/** What the arguments ask for: to run a command, or to print a text (the help, the version) and end. */
export type Parsed =
  | {
    readonly kind: "run";
    readonly command: Command;
    /** The names that lead to the command, such as `config get`. */
    readonly path: string;
    readonly raw: Readonly<Record<string, unknown>>;
  }
  | { readonly kind: "print"; readonly text: string }
  /** The arguments are wrong. */
  | { readonly kind: "refused" } & Refusal;

export interface ParseOptions {
  readonly columns: number;
  readonly version: string;
}

const HELP_COMMAND = ["help [command]", "Show the help of a command"] as const;

export function parseArguments(
  args: readonly string[],
  commands: readonly Command[],
  options: ParseOptions,
): Parsed {
  if (args.length === 0) return { kind: "print", text: shortHelp() };
  const said = { out: "", error: "" };
  let parsed: Parsed | null = null;
  const program = new Program("agent-async")
    .description("Hands work to coding agents as durable background jobs.")
    .usage("[command]")
    .commandsGroup(`${commands.at(-1)?.group ?? "Commands"}:`)
    .version(options.version, "-V, --version", "print the version")
    .helpCommand(...HELP_COMMAND);
  configure(program, said, options);
  for (const command of commands) {
    add(program, command, (found) => parsed = found, said, { ...options, path: command.name });
  }
  program.addHelpText(
    "after",
    "\nagent-async COMMAND --help says more. Without a terminal it is the MCP server.",
  );
  try {
    program.parse(withoutHelpCommand(args), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // For `help WORD` with an unknown word, commander shows the help of the command above. That is refused instead.
    const isWrongHelp = error.code === "commander.helpDisplayed" && unknownCommand(args, commands) !== null;
    if (error.exitCode === 0 && !isWrongHelp) return { kind: "print", text: said.out };
    const code = isWrongHelp ? "commander.help" : error.code;
    return { kind: "refused", ...refusalOf({ code, text: said.error }, args, commands) };
  }
  return parsed ?? { kind: "print", text: program.helpInformation() };
}

/** Turns `help config set` into `config set --help`, since commander's `help` command knows only one level. */
function withoutHelpCommand(args: readonly string[]): string[] {
  const [first, ...path] = args;
  return first === "help" && path.length > 0 ? [...path, "--help"] : [...args];
}

function add(
  parent: Program,
  command: Command,
  found: (parsed: Parsed) => void,
  said: { out: string; error: string },
  options: ParseOptions & { readonly path: string },
): void {
  const { path } = options;
  const program = parent.command(command.name, { hidden: command.isHidden ?? false }).summary(
    command.summary,
  );
  if (command.group !== undefined) program.helpGroup(`${command.group}:`);
  program.description(
    [`${command.summary}.`, ...(command.details === undefined ? [] : [command.details])].join(" "),
  );
  configure(program, said, options);
  for (const argument of command.arguments ?? []) {
    const name = argument.isVariadic ? `${argument.name}...` : argument.name;
    program.addArgument(new Argument(argument.isOptional ? `[${name}]` : `<${name}>`, argument.summary));
  }
  for (const option of command.options ?? []) {
    const declared = new Option(option.flags, option.summary).hideHelp(option.isHidden ?? false);
    if (option.isRepeatable) {
      declared.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
    }
    program.addOption(declared);
  }
  if (command.json !== undefined) {
    const rows = wrapWords(command.json, options.columns - 2).map((row) => `  ${row}`);
    program.addHelpText("after", `\nJSON:\n${rows.join("\n")}`);
  }
  const examples = (command.examples ?? []).map(({ line, says }) => `  agent-async ${line}\n      ${says}`);
  if (examples.length > 0) program.addHelpText("after", `\nExamples:\n${examples.join("\n")}`);
  for (const subcommand of command.subcommands ?? []) {
    add(program, subcommand, found, said, { ...options, path: `${path} ${subcommand.name}` });
  }
  if (command.run === undefined) {
    // A group gets a `help` command of its own. An inherited one would be listed under the heading that it has in the
    // group
    // above.
    program.helpCommand(...HELP_COMMAND);
    return;
  }
  program.action(() => {
    const values = (command.arguments ?? []).map((argument, index) => {
      return [keyOfArgument(argument), program.processedArgs[index]] as const;
    });
    const given = values.filter(([, value]) => value !== undefined);
    found({ kind: "run", command, path, raw: { ...program.opts(), ...Object.fromEntries(given) } });
  });
}

/** Narrowest column of summaries, in cells, that is still wrapped between words. */
const LEAST_SUMMARY = 12;

function configure(program: Program, said: { out: string; error: string }, options: ParseOptions): void {
  program
    .exitOverride()
    .showSuggestionAfterError()
    .helpOption("-h, --help", "show this help")
    .configureHelp({
      helpWidth: options.columns,
      minWidthToWrap: LEAST_SUMMARY,
      visibleOptions: helpLast,
      subcommandTerm: termOf,
    })
    .configureOutput({
      writeOut: (text) => said.out += text,
      writeErr: (text) => said.error += text,
      outputError: (text, write) => write(text.replace(/^error: /, "")),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/** All visible options, with `--help` last. */
function helpLast(program: Program): Option[] {
  return [...program.options.filter((option) => !option.hidden), new Option("-h, --help", "show this help")];
}

/** The name of a command and its arguments. Options are not mentioned, since every command has some. */
function termOf(program: Program): string {
  const names = program.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name();
    return argument.required ? name : `[${name}]`;
  });
  return [program.name(), ...names].join(" ");
}
