/**
 * Room `kernel`: starts an agent under the wrapper, in a session of its own and with its output straight to files.
 * No pipe connects it to this process, whose end it does not notice.
 *
 * @module
 */
import { LaunchError, launchFault, nulFault } from "./launch_fault.ts";
import type { TurnDirectory } from "./turn_directory.ts";
import type { WrapperOptions } from "./wrapper/turn_wrapper.ts";

export interface LaunchOptions extends WrapperOptions {
  /** Created, with the prompt file in it when `stdin` asks for it. */
  turn: TurnDirectory;
}

/**
 * The umask that this process was given is the agent's. `status` settles when the wrapper ends while this process
 * lives; the exit record is what counts, and `status` is only a faster way to hear of it.
 *
 * @throws LaunchError
 */
export function launch(options: LaunchOptions): { status: Promise<unknown> } {
  const { turn, cwd } = options;
  if (!isDirectory(cwd)) {
    throw new LaunchError("no_directory", `${cwd} is not a directory`, {
      hint: "Start the job again with a directory that exists.",
    });
  }
  if (options.stdin === "prompt" && !isFile(turn.promptFile)) {
    throw new LaunchError("no_prompt", `${turn.promptFile} is missing`, { hint: "Start the job again." });
  }
  const nul = nulFault(options);
  if (nul !== null) throw nul;
  try {
    return turn.wrapper.start(options);
  } catch (error) {
    throw error instanceof LaunchError ? error : launchFault(error, options);
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
