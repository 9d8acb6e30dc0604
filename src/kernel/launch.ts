/**
 * Room `kernel`: starts an agent under its wrapper, in a session of its own, with its output going straight to files.
 * No pipe connects the agent to the daemon, so it does not notice when the daemon ends.
 *
 * @module
 */
import { LaunchError, launchFault, nulFault } from "./launch_fault.ts";
import type { TurnDirectory } from "./turn_directory.ts";
import type { WrapperOptions } from "./wrapper/turn_wrapper.ts";

export interface LaunchOptions extends WrapperOptions {
  /** Its directory must exist, and its prompt file too when `stdin` is "prompt". */
  turn: TurnDirectory;
}

/**
 * Starts the wrapper of a turn, which then starts the agent. The agent gets the umask that this process was given.
 *
 * @returns `status` settles when the wrapper ends. It is only an early hint to look: the exit record is what counts.
 * @throws LaunchError when nothing was started
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
