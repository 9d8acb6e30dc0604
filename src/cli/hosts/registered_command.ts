/**
 * Room `cli`: the command in a host's file that starts this program: how it is written, and how it is recognised.
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
  /**
   * Absolute path of the program or script that the command needs and that does not exist; `null` when all is there.
   */
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
  // opencode keeps the command and its arguments in one list, and calls the variables `environment`.
  const words = [entry["command"], entry["args"]].flatMap((part) => Array.isArray(part) ? part : [part]);
  const command = words.filter((word) => word !== undefined).map(String);
  if (command.length === 0 || !isOurs(command, self)) return null;
  return { command, env: textsOf(entry["env"] ?? entry["environment"]), missing: missingPart(command) };
}

/**
 * Whether a command starts agent-async, in any version and at any place. It is recognised by the program's name or,
 * when it runs from source, by the manifest beside its script. Our own path would recognise this copy only.
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

/**
 * Whether a `main.ts` is ours: many servers have a script of that name. Ours has our manifest beside it. A script that
 * is gone counts as ours when its directory had our name.
 */
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
