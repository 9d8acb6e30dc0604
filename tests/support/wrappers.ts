/**
 * Test support: both kinds of wrapper, the one that this system would not choose too.
 *
 * @module
 */
import {
  BECOME_AGENT_COMMAND,
  FEED_COMMAND,
  KEEP_TURN_COMMAND,
} from "../../src/daemon/serve/choose_wrapper.ts";
import { ProcessWrapper } from "../../src/kernel/wrapper/process_wrapper.ts";
import { ShellWrapper } from "../../src/kernel/wrapper/shell_wrapper.ts";
import type { TurnWrapper } from "../../src/kernel/wrapper/turn_wrapper.ts";
import { fromFileUrl } from "./from_file_url.ts";
import { testUnless } from "./skippable.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));

const SELF = [Deno.execPath(), "run", "-A", "--no-check", MAIN] as const;

/** Starts a process of this program as a wrapper, from source. */
export const PROCESS_WRAPPER_COMMAND: readonly string[] = [...SELF, KEEP_TURN_COMMAND];

/** Starts a process of this program that becomes an agent, from source. */
export const BECOME_AGENT: readonly string[] = [...SELF, BECOME_AGENT_COMMAND];

/** Starts a process of this program that feeds an agent, from source. */
export const FEED_CHANNEL: readonly string[] = [
  "/usr/bin/env",
  ...["HOME", "DENO_DIR"].flatMap((name) => Deno.env.has(name) ? [`${name}=${Deno.env.get(name)}`] : []),
  ...SELF,
  FEED_COMMAND,
];

export const shellWrapper: TurnWrapper = new ShellWrapper({ becomeAgent: BECOME_AGENT });

/** As where the C library cannot be asked to start a process. */
export const commandWrapper: TurnWrapper = new ShellWrapper({ becomeAgent: BECOME_AGENT, spawns: false });

/** As on Windows. */
export const processWrapper: TurnWrapper = new ProcessWrapper(PROCESS_WRAPPER_COMMAND);

export const WRAPPERS = { shell: shellWrapper, command: commandWrapper, process: processWrapper } as const;

/**
 * A test for each kind.
 *
 * @param cannot as of `testUnless`
 */
export function testWrappers(
  name: string,
  fn: (wrapper: TurnWrapper) => Promise<void>,
  cannot: string | null = null,
): void {
  for (const [kind, wrapper] of Object.entries(WRAPPERS)) {
    testUnless(cannot, `${name} (${kind})`, () => fn(wrapper));
  }
}
