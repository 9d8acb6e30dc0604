/**
 * Room `daemon`: the places that are guarded from jobs, of all that is composed here.
 *
 * @module
 */
import { configurationPlaces } from "../../agents/configuration_places.ts";
import type { GuardedPlace } from "../../service/local/check_guarded_places.ts";
import { selfCommand } from "../reach/self_command.ts";

/** @param env the environment of the host that asks: variables in it may move the homes of coding agents */
export function guardedPlaces(home: string, env: Readonly<Record<string, string>>): GuardedPlace[] {
  const [executable] = selfCommand();
  return [
    { what: "the state directory of agent-async", path: home, except: ["places"] },
    // From source the program is a project like any other, and what runs it is Deno.
    ...(Deno.build.standalone && executable !== undefined
      ? [{ what: "the program agent-async itself", path: executable }]
      : []),
    // Hosts put work trees of repositories into `worktrees`, in which jobs may work.
    ...configurationPlaces(env).map((path) => ({
      what: "the configuration of a coding agent",
      path,
      except: ["worktrees"],
    })),
  ];
}
