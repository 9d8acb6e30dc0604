/**
 * Room `cli`: the command that a host runs, written and recognised.
 *
 * @module
 */
import { basename, dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isPlain } from "./plain_data.ts";

/** A server entry of ours in a host's file. */
export interface RegisteredCommand {
  /** The whole command. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What would start it that is not there any more: an absolute path. */
  readonly missing: string | null;
}

/** The program itself as a person would write it: a script by its path and not by its URL. */
export function selfAsWritten(self: readonly string[]): readonly [string, ...string[]] {
  const [program = "agent-async", ...rest] = self.map((word) =>
    word.startsWith("file://") ? fileURLToPath(word) : word
  );
  return [program, ...rest];
}

/** `null` for what is not an entry of agent-async, whatever it is called. */
export function readRegisteredCommand(entry: unknown, self: readonly string[]): RegisteredCommand | null {
  if (!isPlain(entry)) return null;
  // opencode has one list for all words, and another name for the variables.
  const words = [entry["command"], entry["args"]].flatMap((part) => Array.isArray(part) ? part : [part]);
  const command = words.filter((word) => word !== undefined).map(String);
  if (command.length === 0 || !isOurs(command, self)) return null;
  return { command, env: textsOf(entry["env"] ?? entry["environment"]), missing: missingPart(command) };
}

/**
 * Recognised by the name of the program or, from source, by the manifest: our own path alone would not tell what
 * another version, at another place, has registered.
 */
function isOurs(command: readonly string[], self: readonly string[]): boolean {
  if (self.every((word, index) => command[index] === word)) return true;
  const [program = "", ...args] = command;
  if (/^agent-async(?:$|[-.@](?:\d|exe|linux|macos|darwin|windows|x86_64|aarch64))/.test(nameOf(program))) {
    return true;
  }
  const script = /^deno(?:\.exe)?$/.test(nameOf(program)) ? scriptOf(args) : undefined;
  return script !== undefined && isOurScript(script);
}

/** Plenty of servers are a `main.ts`: ours has our manifest beside it, or is gone and was in a directory of our name. */
function isOurScript(script: string): boolean {
  try {
    return Deno.readTextFileSync(join(dirname(script), "deno.json")).includes('"@agent-async/agent-async"');
  } catch {
    return /[/\\]agent-async[^/\\]*[/\\]main\.ts$/.test(script);
  }
}

function missingPart([program = "", ...args]: readonly string[]): string | null {
  const script = /^deno(?:\.exe)?$/.test(nameOf(program)) ? scriptOf(args) : undefined;
  const parts = [program, ...(script === undefined ? [] : [script])];
  return parts.find((part) => isAbsolute(part) && !isThere(part)) ?? null;
}

function scriptOf(args: readonly string[]): string | undefined {
  return args.find((arg) => /(?:^|[/\\])main\.ts$/.test(arg));
}

function nameOf(program: string): string {
  return basename(program.replaceAll("\\", "/"));
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function textsOf(value: unknown): Record<string, string> {
  if (!isPlain(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}
