/**
 * Room `daemon`: who runs the turns on this system.
 *
 * @module
 */
import { shellWrapper } from "../kernel/shell_wrapper.ts";
import type { TurnWrapper } from "../kernel/turn_wrapper.ts";
import { selfCommand } from "./self_command.ts";

/** The command that makes this program the wrapper of a turn; hidden, and not for people. */
export const KEEP_TURN_COMMAND = "keep-turn";

/** A POSIX shell, or on Windows, where there is none, a process of this program. */
export async function systemWrapper(os: string = Deno.build.os): Promise<TurnWrapper> {
  if (os !== "windows") return shellWrapper;
  const { ProcessWrapper } = await import("../kernel/process_wrapper.ts");
  return new ProcessWrapper([...selfCommand(), KEEP_TURN_COMMAND]);
}
