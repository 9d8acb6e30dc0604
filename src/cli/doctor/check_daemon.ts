/**
 * Room `cli`: the check of `doctor` on a running daemon. Starts none.
 *
 * @module
 */
import { statePaths } from "../../config/state_paths.ts";
import { compareVersions } from "../../domain/compare_versions.ts";
import { ifOurs } from "../../system/files/files.ts";
import type { Context } from "../context.ts";
import { existingDaemon, homeOf } from "../existing_daemon.ts";
import { durationText } from "../render/time.ts";
import { brokenBy, type Check, ok, warn } from "./check.ts";

export async function checkDaemon(context: Context): Promise<Check> {
  const name = "daemon";
  const home = homeOf(context);
  // Without a state directory no daemon runs. Looking for the socket would create the directory.
  if (ifOurs(() => Deno.statSync(home)) === null) return ok(name, NOT_RUNNING);
  try {
    const status = await existingDaemon(context, (control) => control.status({ signal: context.interrupt }));
    if (status === null) return ok(name, NOT_RUNNING);
    const { pid, version, jobs, uptime_seconds } = status;
    const message = `version ${version} runs (pid ${pid}, for ${durationText(uptime_seconds)}, ` +
      `${jobs.running} running and ${jobs.pending} pending jobs)`;
    const order = compareVersions(context.version, version);
    if (order === 0) return ok(name, message);
    const fix = order > 0
      ? "The next call replaces it; or now: agent-async daemon stop"
      : "Update this program too: agent-async update";
    return warn(name, `${message}, this program is ${context.version}`, fix);
  } catch (error) {
    const { logFile } = statePaths(home);
    return brokenBy(name, error, `See ${logFile}; agent-async daemon stop ends it, and running jobs go on.`);
  }
}

const NOT_RUNNING = "does not run; the first call that needs it starts it";
