/**
 * Room `kernel`: why an agent could not be started, in words that tell the user what to change.
 *
 * @module
 */
import { messageOf } from "../domain/errors.ts";

/**
 * Why an agent could not be started.
 *
 * - `no_directory`: `cwd` is no directory.
 * - `too_long`: the command line and environment are longer than the system takes.
 * - `nul`: an argument or variable holds a NUL, which no program can be given.
 * - `no_resources`: the system has no room for a further process, or no memory for it. Later it may work.
 * - `no_prompt`: the prompt file is not there.
 * - `other`: anything else; the error's message says what.
 */
export type LaunchFault = "no_directory" | "too_long" | "nul" | "no_resources" | "no_prompt" | "other";

/** An agent could not be started; nothing of it runs. */
export class LaunchError extends Error {
  override readonly name = "LaunchError";
  /** What the user can do about it, in a sentence; `null` when there is nothing but to try again. */
  readonly hint: string | null;

  constructor(
    readonly code: LaunchFault,
    message: string,
    { hint = null, cause }: { hint?: string | null; cause?: unknown } = {},
  ) {
    super(`Cannot start the agent: ${message}`, { cause });
    this.hint = hint;
  }
}

/** The parts of a new process's start whose size the system limits. */
interface ProcessInput {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Bytes that one argument or variable may have on Linux, its final NUL included (MAX_ARG_STRLEN). Other systems have no
 * such limit.
 */
const MAX_STRING_BYTES = 131_072;

/** Bytes of the pointer to each argument and variable, which count towards the system's limit. */
const POINTER_BYTES = 8;

/**
 * Bytes that arguments and environment may have together at most: on Linux three quarters of 8 MB, however large the
 * stack is, and on macOS 1 MB.
 */
const MOST_BYTES = Deno.build.os === "linux" ? 6_291_456 : 1_048_576;

/** Bytes kept free of that for what the system itself and the wrapper add. */
const RESERVED_BYTES = 16_384;

/** The fault of a command line or environment that holds a NUL; `null` when neither does. */
export function nulFault({ args, env }: ProcessInput): LaunchError | null {
  const variable = Object.entries(env).find(([name, value]) => name.includes("\0") || value.includes("\0"));
  if (variable !== undefined) {
    return new LaunchError("nul", `the variable ${JSON.stringify(variable[0])} holds a NUL`, {
      hint: "No program can be given one: take it out of the agent's `env` in config.json.",
    });
  }
  const argument = args.find((arg) => arg.includes("\0"));
  return argument === undefined
    ? null
    : new LaunchError("nul", `its argument ${excerpt(argument)} holds a NUL`, {
      hint:
        "No program can be given one: take it out of the prompt, or of the agent's `args` in config.json.",
    });
}

/** The fault of a command that is too long for the system. It names the argument or variable that is the longest. */
export function tooLong({ args, env }: ProcessInput, cause?: unknown): LaunchError {
  const argument = longest(args.map((arg) => ["", arg] as const));
  const variable = longest(Object.entries(env));
  const variables = Object.keys(env).length;
  const total = sizeOf(Object.entries(env));
  const isArgument = argument.bytes > variable.bytes && argument.bytes > MAX_STRING_BYTES / 2;
  if (isArgument) {
    return new LaunchError(
      "too_long",
      `its argument ${excerpt(argument.text)} has ${
        number(argument.bytes)
      } bytes, more than the system takes`,
      {
        hint:
          "Make the prompt shorter, put what is long into a file that it names, or let the agent read its prompt from " +
          'stdin or a file (`"prompt": "stdin"` or "file" in its entry of config.json).',
        cause,
      },
    );
  }
  return new LaunchError(
    "too_long",
    `its environment of ${variables} variables has ${number(total)} bytes, ${
      number(variable.bytes)
    } of them in ${JSON.stringify(variable.name)}, more than the system takes`,
    {
      hint: `Unset ${variable.name} where the host is started, or make it shorter; then start the job again.`,
      cause,
    },
  );
}

/**
 * Whether the system would refuse this command line and environment as too long. For a command that another process
 * executes later, where the failure could not be reported.
 */
export function isTooLong({ args, env }: ProcessInput): boolean {
  const strings = [...args.map((arg) => ["", arg] as const), ...Object.entries(env)];
  const isLinux = Deno.build.os === "linux";
  return sizeOf(strings) + RESERVED_BYTES > roomBytes() ||
    (isLinux && longest(strings).bytes >= MAX_STRING_BYTES);
}

/** Bytes that arguments and environment may have together: on Linux a quarter of the stack's limit. */
function roomBytes(): number {
  try {
    const limits = Deno.readTextFileSync("/proc/self/limits");
    const stack = Number(/^Max stack size\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
    return Math.min(Math.max(stack / 4, MAX_STRING_BYTES), MOST_BYTES);
  } catch {
    return MOST_BYTES;
  }
}

/** The fault that stands for the system's error at the start of this command, by its number in the error's text. */
export function launchFault(error: unknown, command: ProcessInput): LaunchError {
  const text = messageOf(error);
  const system = /os error (\d+)/.exec(text)?.[1];
  switch (system) {
    case "7":
      return tooLong(command, error);
    case "11":
    case "12":
    case "23":
    case "24":
    case "35":
      return new LaunchError("no_resources", `the system has no room for it now (${text})`, { cause: error });
    default:
      return new LaunchError("other", text, { cause: error });
  }
}

type Text = readonly [name: string, value: string];

function bytesOf([name, value]: Text): number {
  return new TextEncoder().encode(name).length + new TextEncoder().encode(value).length + 2;
}

function sizeOf(texts: readonly Text[]): number {
  return texts.reduce((sum, text) => sum + bytesOf(text) + POINTER_BYTES, 0);
}

function longest(texts: readonly Text[]): { name: string; text: string; bytes: number } {
  const found = { name: "", text: "", bytes: 0 };
  for (const text of texts) {
    const bytes = bytesOf(text);
    if (bytes > found.bytes) Object.assign(found, { name: text[0], text: text[1], bytes });
  }
  return found;
}

const EXCERPT_CHARS = 30;

function excerpt(text: string): string {
  return JSON.stringify(text.length > EXCERPT_CHARS ? `${text.slice(0, EXCERPT_CHARS)}...` : text);
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
