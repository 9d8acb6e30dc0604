/**
 * Room `daemon`: who runs the turns on this system.
 *
 * @module
 */
import { ShellWrapper } from "../../kernel/wrapper/shell_wrapper.ts";
import type { TurnWrapper } from "../../kernel/wrapper/turn_wrapper.ts";
import { selfCommand } from "../reach/self_command.ts";

/** The command that makes this program the wrapper of a turn; hidden, and not for people. */
export const KEEP_TURN_COMMAND = "keep-turn";

/** The command that makes this program become an agent, under the wrapper; hidden, and not for people. */
export const BECOME_AGENT_COMMAND = "become-agent";

/** A POSIX shell, or on Windows, where there is none, a process of this program. */
export async function chooseWrapper(os: string = Deno.build.os): Promise<TurnWrapper> {
  if (os !== "windows") return new ShellWrapper({ becomeAgent: [...selfCommand(), BECOME_AGENT_COMMAND] });
  const { ProcessWrapper } = await import("../../kernel/wrapper/process_wrapper.ts");
  return new ProcessWrapper([...selfCommand(), KEEP_TURN_COMMAND]);
}
