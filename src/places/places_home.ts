/**
 * Room `places`: what every part of this room is given: the state directory, git, and where the user's own settings for
 * git are.
 *
 * @module
 */
import { join } from "node:path";
import { Git } from "./git/git.ts";
import { StoreGate } from "./store_gate.ts";

export interface PlacesHome {
  readonly git: Git;
  /** Between those who use the stores of snapshots and those who tidy them. */
  readonly gate: StoreGate;
  /** The state directory of the program. */
  readonly state: string;
  /** Snapshots of each repository: private git directories. */
  readonly snapshots: string;
  /** Repositories made for jobs. */
  readonly places: string;
  /** Changes that outlive their jobs, as patches. */
  readonly patches: string;
  /** Changes of the user's files that were begun: see `changes/write_journal.ts`. */
  readonly journals: string;
  readonly user: UserSettings;
}

/** Where the user's settings for git are read from; git itself never reads them for us. */
export interface UserSettings {
  readonly home: string | undefined;
  /** `$XDG_CONFIG_HOME`, else `.config` in the home directory. */
  readonly configHome: string | undefined;
  /** Configuration files of the whole machine. */
  readonly system: readonly string[];
}

/** @param options.env of the user: PATH, HOME and XDG_CONFIG_HOME count */
export function placesHome(
  state: string,
  { env, git = new Git({ env }) }: { env: Readonly<Record<string, string>>; git?: Git },
): PlacesHome {
  const home = env["HOME"] ?? env["USERPROFILE"];
  const given = env["XDG_CONFIG_HOME"] ?? "";
  return {
    git,
    gate: new StoreGate(),
    state,
    snapshots: join(state, "snapshots"),
    places: join(state, "places"),
    patches: join(state, "patches"),
    journals: join(state, "places", ".journals"),
    user: {
      home,
      configHome: given !== "" ? given : home === undefined ? undefined : join(home, ".config"),
      system: Deno.build.os === "windows" ? [] : ["/etc/gitconfig"],
    },
  };
}
