/**
 * Test support: finds where paths are built or taken apart by hand, which goes wrong where a backslash separates. Such a
 * file says why it may in {@link MAY}.
 *
 * @module
 */
import { type SourceFile, withoutComments } from "./doors.ts";

/** What a line does by hand: it cuts, joins or compares at a separator, or puts one between two parts. */
const BY_HAND: readonly RegExp[] = [
  /\.(?:split|join|indexOf|lastIndexOf|startsWith|endsWith|includes|replaceAll)\((?:"(?:\/|\\\\)"|'(?:\/|\\\\)'|sep\b)/,
  /\.(?:startsWith|endsWith|includes|indexOf)\(`[^`]*(?:\}\/|\/\$\{)/,
  /`[^`]*\$\{[^{}]*\}\/(?:[\w.$]|`)/,
];

const INSIDE = "paths inside of a repository and names of refs, which git writes with / on every system";
const PURE = "this room knows no system: Windows opens paths with either slash, and both are understood";
const POSIX = "a way that only a POSIX system has";
const QUICK = "loaded by every front-end, for which node:path is too heavy; both separators are known";
const FOREIGN = "what Windows or another program has written, whichever system reads it";
const NO_PATH = "no path: a model's name, a key, a count, an address or a word for a shell";

/** By file or folder: why it may. */
export const MAY: Readonly<Record<string, string>> = {
  "src/places/": INSIDE,
  "src/service/local/path_in_change.ts": INSIDE,
  "src/scheduler/turn/project_rules.ts": INSIDE,
  "src/agents/": PURE,
  "src/domain/job/tree.ts": PURE,
  "src/config/state_paths.ts": QUICK,
  "src/system/files/paths.ts": QUICK,
  "src/system/files/trusted_path.ts": QUICK,
  "src/system/processes/linux_processes.ts": POSIX,
  "src/system/processes/socket_peer.ts": POSIX,
  "src/system/processes/young_pids.ts": POSIX,
  "src/daemon/endpoint/remembered_endpoint.ts": POSIX,
  "src/daemon/endpoint/remembered_socket.ts": POSIX,
  "src/scheduler/turn/launch.ts": POSIX,
  "src/cli/auto_update/systemd.ts": POSIX,
  "src/cli/auto_update/launchd.ts": POSIX,
  "src/cli/hosts/registered_command.ts": FOREIGN,
  "src/daemon/endpoint/loopback_endpoint.ts": FOREIGN,
  "src/system/npm_shim.ts": FOREIGN,
  "src/system/agent_probe.ts": FOREIGN,
  "src/system/files/path_search.ts": "paths of its own making, compared with what an agent wrote",
  "src/cli/completions/fish.ts": NO_PATH,
  "src/cli/monitor/frame_lines.ts": NO_PATH,
  "src/cli/monitor/status_report.ts": NO_PATH,
  "src/cli/render/statistics_text.ts": NO_PATH,
  "src/cli/update/release_server.ts": NO_PATH,
  "src/mcp/questions/questions_at_the_desk.ts": NO_PATH,
  "src/scheduler/money/": NO_PATH,
  "src/scheduler/turn/launches.ts": NO_PATH,
  "src/service/question_requests.ts": NO_PATH,
};

/** Where paths are taken apart by hand, as `path:line: text`. */
export function pathsByHand(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    withoutComments(text).split("\n").flatMap((line, index) =>
      BY_HAND.some((pattern) => pattern.test(line)) ? [`${path}:${index + 1}: ${line.trim()}`] : []
    )
  );
}

/** Whether a finding lies in what a key of {@link MAY} names. */
export function isIn(finding: string, place: string): boolean {
  return finding.startsWith(place.endsWith("/") ? place : `${place}:`);
}
