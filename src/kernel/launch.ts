/**
 * Room `kernel`: starts an agent under the wrapper, in a session of its own and with its output straight to files.
 * No pipe connects it to this process, whose end it does not notice.
 *
 * @module
 */
import { messageOf } from "../domain/errors.ts";
import type { TurnDirectory } from "./turn_directory.ts";

export interface LaunchOptions {
  /** Created, with the prompt file in it when `stdin` asks for it. */
  turn: TurnDirectory;
  /** Absolute. One that does not exist is not noticed here: the turn ends with exit code 127. */
  executable: string;
  args: readonly string[];
  cwd: string;
  /** The whole environment of the agent. A shell hands on only variables whose names it could have made itself. */
  env: Record<string, string>;
  stdin: "prompt" | "none";
}

/**
 * - `no_directory`: `cwd` is no directory.
 * - `too_long`: the command line and environment are longer than the system takes.
 * - `no_resources`: no further process or memory now; later it may work.
 * - `no_prompt`: the prompt file is not there.
 * - `other`: the message says it.
 */
export type LaunchFault = "no_directory" | "too_long" | "no_resources" | "no_prompt" | "other";

/** Nothing was started. */
export class LaunchError extends Error {
  override readonly name = "LaunchError";

  constructor(readonly code: LaunchFault, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
  }
}

/**
 * The umask of this process is the agent's. `status` settles when the wrapper ends while this process lives; the
 * exit record is what counts, and `status` is only a faster way to hear of it.
 *
 * @throws LaunchError
 */
export function launch(options: LaunchOptions): { status: Promise<unknown> } {
  const { turn, cwd } = options;
  if (!isDirectory(cwd)) {
    throw new LaunchError("no_directory", `Cannot start the agent: ${cwd} is not a directory`);
  }
  if (options.stdin === "prompt" && !isFile(turn.promptFile)) {
    throw new LaunchError("no_prompt", `Cannot start the agent: ${turn.promptFile} is missing`);
  }
  try {
    return turn.wrapper.start(options);
  } catch (error) {
    throw launchError(error);
  }
}

function launchError(error: unknown): LaunchError {
  const text = messageOf(error);
  const system = /os error (\d+)/.exec(text)?.[1];
  const cause = { cause: error };
  switch (system) {
    case "7":
      return new LaunchError(
        "too_long",
        "Cannot start the agent: its command line and environment are longer than the system takes",
        cause,
      );
    case "11":
    case "12":
    case "23":
    case "24":
    case "35":
      return new LaunchError("no_resources", `Cannot start the agent now: ${text}`, cause);
    default:
      return new LaunchError("other", `Cannot start the agent: ${text}`, cause);
  }
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
