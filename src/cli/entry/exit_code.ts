/**
 * Room `cli`: how a command ends, and what is said when it fails. This is the only place where errors become exit
 * codes.
 *
 * @module
 */
import { diskFault } from "../../domain/disk_fault.ts";
import { argumentWords, commandWords } from "../render/command_words.ts";
import { AgentAsyncError, type ErrorCode } from "../../domain/errors.ts";
import { unknownWord } from "../../domain/reading/unknown_word.ts";

/** The exit codes of every command. Scripts rely on them, so they never change. */
export const EXIT = {
  done: 0,
  /** The command or the job failed. */
  failed: 1,
  usage: 2,
  /** A wait has timed out; the jobs go on. */
  timedOut: 3,
  noSuchJob: 4,
  interrupted: 130,
} as const;
export type ExitCode = typeof EXIT[keyof typeof EXIT];

/** The command line is wrong. The message names the argument. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string | undefined } = {}) {
    super(message);
    this.hint = options.hint;
  }
}

/** An expected failure of a command that is neither a bug nor an error of the service. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Advice for the person, in one sentence. */
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
  }
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  // The reader of stdout (such as `| head`) has closed the pipe because it needs no more. That is no failure.
  if (error instanceof Deno.errors.BrokenPipe) return EXIT.done;
  return error instanceof AgentAsyncError ? exitCodeOfError(error.code) : EXIT.failed;
}

function exitCodeOfError(code: ErrorCode): ExitCode {
  switch (code) {
    case "invalid_argument":
    case "unknown_agent":
      return EXIT.usage;
    case "not_found":
      return EXIT.noSuchJob;
    case "cancelled":
      return EXIT.interrupted;
    case "conflict":
    case "depth_exceeded":
    case "config_invalid":
    case "store_newer":
    case "store_damaged":
    case "disk_full":
    case "disk_fault":
    case "daemon_unreachable":
    case "handover":
    case "internal":
      return EXIT.failed;
    default:
      unknownWord(code);
      return EXIT.failed;
  }
}

/**
 * What the person is told of a failure: a message, and a hint if there is advice. For a bug the message is the stack.
 */
export function failureOf(error: unknown): { code: string; message: string; hint?: string } {
  if (
    error instanceof AgentAsyncError || error instanceof UsageError || error instanceof CommandError
  ) {
    const code = error instanceof AgentAsyncError
      ? error.code
      : error instanceof UsageError
      ? "usage"
      : "failed";
    const isAboutArgument = code === "invalid_argument" || code === "unknown_agent";
    return {
      code,
      message: isAboutArgument ? argumentWords(error.message) : commandWords(error.message),
      ...(error.hint === undefined ? {} : { hint: commandWords(error.hint) }),
    };
  }
  const fault = diskFault(error, "go on");
  if (fault !== null) return failureOf(fault);
  const download = missingDownload(error);
  if (download !== null) return download;
  const message = error instanceof Error ? error.stack ?? error.message : String(error);
  return { code: "internal", message, hint: "This is a fault of agent-async itself: please report it." };
}

/**
 * The failure when a program that runs from source cannot download an npm package, which it does when it first needs
 * one.
 * `null` for any other error.
 */
function missingDownload(error: unknown): { code: string; message: string; hint: string } | null {
  if (
    !(error instanceof TypeError) || !/^Failed (?:caching|loading) npm package|registry/.test(error.message)
  ) {
    return null;
  }
  return {
    code: "failed",
    message: `Cannot load a part of agent-async: ${error.message}`,
    hint:
      "Run it again when the npm registry can be reached, or use an executable: it has everything inside.",
  };
}
