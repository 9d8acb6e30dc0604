/**
 * Room `cli`: the check of `doctor` on what is kept of the changes of jobs, and on git, which takes them down.
 *
 * @module
 */
import { lookAtPlaces, type PlacesOnDisk } from "../../daemon/disk/look_at_places.ts";
import type { DaemonStatus } from "../../service/daemon_control.ts";
import { bytesText } from "../render/bytes.ts";
import { type Check, ok, warn } from "./check.ts";

/** Most paths in the message. */
const PATHS_TOLD = 3;

const ORPHANS_FIX = "agent-async prune --orphans removes such places, and keeps what they hold as patches.";

/**
 * One finding.
 *
 * @param daemon the running daemon, which alone knows whether jobs can use git; `null` when none runs
 * @param env in which git is looked for otherwise
 */
export async function checkPlaces(
  home: string,
  { daemon, env }: { daemon: DaemonStatus | null; env: Readonly<Record<string, string>> },
): Promise<Check> {
  const name = "places";
  const found = await lookAtPlaces(home, { env });
  const { orphans, gone } = found;
  const gitFault = daemon?.git_fault === undefined ? found.gitFault : daemon.git_fault;
  const faults = [
    ...(gitFault === null ? [] : [`${gitFault.message}: what jobs change is not known`]),
    ...(orphans.length === 0 ? [] : [
      `places of jobs that are gone: ${
        told(orphans.map(({ path, bytes }) => `${path} (${ofBytes(bytes)})`))
      }`,
    ]),
    ...(gone.length === 0
      ? []
      : [`snapshots of repositories that are gone: ${told(gone.map(({ source }) => source))}`]),
  ];
  const message = [useText(found), ...faults].join("; ");
  if (faults.length === 0) return ok(name, message);
  const fixes = [
    ...(gitFault === null ? [] : [gitFault.hint ?? "See what git --version says."]),
    ...(orphans.length === 0 ? [] : [ORPHANS_FIX]),
    ...(gone.length === 0 ? [] : [
      `When no job's changes there are needed any more: rm -r ${
        told(gone.map(({ directory }) => directory))
      }`,
    ]),
  ];
  return warn(name, message, fixes.join(" "));
}

function useText({ places, snapshots, patches }: PlacesOnDisk): string {
  return `on disk: places ${ofBytes(places)}, snapshots ${ofBytes(snapshots)}, patches ${ofBytes(patches)}`;
}

function ofBytes(bytes: number | null): string {
  return bytes === null ? "too much to count" : bytesText(bytes);
}

function told(paths: readonly string[]): string {
  const more = paths.length - PATHS_TOLD;
  return `${paths.slice(0, PATHS_TOLD).join(" ")}${more > 0 ? ` and ${more} more` : ""}`;
}
