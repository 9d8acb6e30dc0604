/**
 * Room `cli`: parsing and help by commander, told by the declarations. Nothing else of the program knows commander;
 * it is loaded only when there is something to parse (23 ms), never for the MCP server.
 *
 * @module
 */
import { Argument, Command as Program, CommanderError, Option } from "commander";
import { type Command, keyOfArgument } from "../command.ts";
import { type Refusal, refusalOf, unknownCommand } from "./refusal.ts";
import { shortHelp } from "./short_help.ts";
import { wrapWords } from "../render/wrap_words.ts";

/** What the arguments ask for: to run a command, or to print a text (a help, the version) and leave. */
export type Parsed =
  | {
    readonly kind: "run";
    readonly command: Command;
    /** As typed: `config get`. */
    readonly path: string;
    readonly raw: Readonly<Record<string, unknown>>;
  }
  | { readonly kind: "print"; readonly text: string }
  /** Wrong usage. */
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
    // A help that was asked for by a wrong name is that of something else.
    const isWrongHelp = error.code === "commander.helpDisplayed" && unknownCommand(args, commands) !== null;
    if (error.exitCode === 0 && !isWrongHelp) return { kind: "print", text: said.out };
    const code = isWrongHelp ? "commander.help" : error.code;
    return { kind: "refused", ...refusalOf({ code, text: said.error }, args, commands) };
  }
  return parsed ?? { kind: "print", text: program.helpInformation() };
}

/** `help config set` is `config set --help`: the parser's own command knows one level. */
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
    // The inherited one would stand under the heading that it has above.
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

/** Cells of the narrowest column of summaries that is still wrapped between words. */
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

/** Every option that is not hidden, the one for help last. */
function helpLast(program: Program): Option[] {
  return [...program.options.filter((option) => !option.hidden), new Option("-h, --help", "show this help")];
}

/** A name and what it takes: that it has options as well goes without saying. */
function termOf(program: Program): string {
  const names = program.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name();
    return argument.required ? name : `[${name}]`;
  });
  return [program.name(), ...names].join(" ");
}
