/**
 * Room `cli`: the message for a command line that the parser refused: what is wrong, what was probably meant, and which
 * help to read.
 * It exists because commander misjudges an unknown word after `help` or `config`.
 *
 * @module
 */
import { closestName } from "../../config/closest_name.ts";
import type { Command } from "../command.ts";

export interface Refusal {
  /** What is wrong, and what was probably meant. */
  readonly text: string;
  readonly hint?: string;
}

interface ParserError {
  /** Commander's code of the error, such as `commander.excessArguments`. */
  readonly code: string;
  readonly text: string;
}

/** The codes that commander uses when a word is not a command. */
const ABOUT_COMMANDS = ["commander.help", "commander.excessArguments", "commander.unknownCommand"];

export function refusalOf(
  error: ParserError,
  args: readonly string[],
  commands: readonly Command[],
): Refusal {
  const { path, command } = whereabouts(args, commands);
  const hint = path.length === 0
    ? "agent-async --help lists every command."
    : freeTextHint(error, path, command) ?? `agent-async ${path.join(" ")} --help says more.`;
  const unknown = unknownCommand(args, commands);
  if (ABOUT_COMMANDS.includes(error.code) && unknown !== null) return { text: unknown, hint };
  // No hint: the usage text that follows says everything.
  if (error.code === "commander.help") return { text: `a command is missing\n\n${error.text}`.trimEnd() };
  const words = error.code === "commander.missingArgument" ? wordsOfMissing(error, command) : null;
  return { text: error.text.trimEnd(), hint: words === null ? hint : `${words} ${hint}` };
}

/** The allowed words of the missing argument, in a sentence; `null` when it may be anything. */
function wordsOfMissing({ text }: ParserError, command: Command | null): string | null {
  const missing = command?.arguments?.find(({ name, words }) => {
    return words !== undefined && text.includes(`'${name}'`);
  });
  return missing?.words === undefined ? null : `${missing.name} is one of ${missing.words.join(", ")}.`;
}

/** Names that other programs use for commands of this one. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  again: "retry",
  attach: "logs",
  continue: "reply",
  exec: "run",
  follow: "logs",
  inspect: "show",
  jobs: "list",
  kill: "cancel",
  ls: "list",
  monitor: "status",
  ps: "list",
  queue: "list",
  remove: "prune",
  restart: "retry",
  resume: "reply",
  rm: "prune",
  send: "reply",
  settings: "config",
  stop: "cancel",
  tail: "logs",
  top: "status",
  watch: "status",
};

/** A message that a word is not a command, with the command that was probably meant; `null` when every word is one. */
export function unknownCommand(args: readonly string[], commands: readonly Command[]): string | null {
  const { unknown, known } = whereabouts(args, commands);
  if (unknown === null || known.length === 0) return null;
  const usual = ELSEWHERE[unknown];
  const near = usual !== undefined && known.includes(usual) ? usual : closestName(unknown, known);
  return `unknown command '${unknown}'${near === null ? "" : `\n(Did you mean ${near}?)`}`;
}

/** How to write a free text that begins like an option or has several words; `null` for any other error. */
function freeTextHint(error: ParserError, path: readonly string[], command: Command | null): string | null {
  const argument = command?.arguments?.find(({ isFreeText }) => isFreeText === true);
  if (argument === undefined) return null;
  switch (error.code) {
    case "commander.unknownOption":
      return error.text.includes("Did you mean")
        ? null
        : `A ${argument.name} that begins with - goes to the end, after --: agent-async ${
          path.join(" ")
        } ... -- "- like this"`;
    case "commander.excessArguments":
      return `A ${argument.name} of several words goes in quotes.`;
    default:
      return null;
  }
}

/**
 * Follows the arguments from command to subcommand. Returns the last command reached, the first word that is not a
 * subcommand of it, and the names that would have been.
 */
function whereabouts(args: readonly string[], commands: readonly Command[]) {
  const path: string[] = [];
  let command: Command | null = null;
  let below = commands;
  for (const word of args) {
    if (word === "help" || word.startsWith("-")) continue;
    const next = below.find((command) => command.name === word);
    if (next === undefined) return { path, command, unknown: word, known: namesOf(below) };
    path.push(word);
    command = next;
    below = next.subcommands ?? [];
  }
  return { path, command, unknown: null, known: namesOf(below) };
}

function namesOf(commands: readonly Command[]): string[] {
  return commands.filter((command) => command.isHidden !== true).map((command) => command.name);
}
