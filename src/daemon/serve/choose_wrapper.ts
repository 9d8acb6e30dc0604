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

/** The command that makes this program the feeder of a two-way agent; hidden, and not for people. */
export const FEED_COMMAND = "feed-channel";

/** Variables that this program needs to find its files when it runs from source. */
const OWN_VARIABLES = ["HOME", "DENO_DIR", "XDG_CACHE_HOME"];

/** Feeds an agent where no `tail` of the system is quick. It gets the agent's environment, so it brings what it needs. */
export function ownFeeder(): readonly string[] {
  const own = OWN_VARIABLES.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return ["/usr/bin/env", ...own, ...selfCommand(), FEED_COMMAND];
}

/** A POSIX shell, or on Windows, where there is none, a process of this program. */
export async function chooseWrapper(os: string = Deno.build.os): Promise<TurnWrapper> {
  if (os !== "windows") return new ShellWrapper({ becomeAgent: [...selfCommand(), BECOME_AGENT_COMMAND] });
  const { ProcessWrapper } = await import("../../kernel/wrapper/process_wrapper.ts");
  return new ProcessWrapper([...selfCommand(), KEEP_TURN_COMMAND]);
}
