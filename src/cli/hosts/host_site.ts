/**
 * Room `cli`: this terminal as hosts need to know it: environment, directory, system and program.
 *
 * @module
 */
import { HOME_VARIABLE } from "../../config/state_paths.ts";
import { selfCommand } from "../../daemon/reach/self_command.ts";
import type { Context } from "../context.ts";
import { type HostSite, variable } from "./host.ts";
import { selfAsWritten } from "./registered_command.ts";

export function hostSite({ io }: Context): HostSite {
  return {
    env: io.env,
    get cwd() {
      return io.cwd;
    },
    os: Deno.build.os,
  };
}

/** The words that start this program, to be followed by a command. */
export function ownCommand(): readonly [string, ...string[]] {
  return selfAsWritten(selfCommand());
}

/**
 * Variables to write into the server's entry, since a host may not pass them on. Without them, the host's server and
 * this terminal would have different jobs.
 */
export function ownVariables(site: HostSite): Readonly<Record<string, string>> {
  const home = variable(site, HOME_VARIABLE);
  return home === undefined ? {} : { [HOME_VARIABLE]: home };
}
