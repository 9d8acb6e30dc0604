/**
 * Room `cli`: the check of `doctor` on a running daemon. Starts none.
 *
 * @module
 */
import { statePaths } from "../../config/state_paths.ts";
import { compareVersions } from "../../domain/compare_versions.ts";
import { ifOurs } from "../../system/files/files.ts";
import type { DaemonStatus } from "../../service/daemon_control.ts";
import type { Context } from "../context.ts";
import { existingDaemon, homeOf } from "../existing_daemon.ts";
import { durationText } from "../render/time.ts";
import { brokenBy, type Check, ok, warn } from "./check.ts";

/** @returns the finding, and what a daemon that runs has told; `null` when none does, or it cannot be asked */
export async function checkDaemon(
  context: Context,
): Promise<{ check: Check; status: DaemonStatus | null }> {
  const { logFile } = statePaths(homeOf(context));
  try {
    const status = await daemonStatus(context);
    return { check: status === null ? ok(NAME, NOT_RUNNING) : checkStatus(status, context), status };
  } catch (error) {
    const fix = `See ${logFile}; agent-async daemon stop ends it, and running jobs go on.`;
    return { check: brokenBy(NAME, error, fix), status: null };
  }
}

async function daemonStatus(context: Context): Promise<DaemonStatus | null> {
  // Without a state directory no daemon runs. Looking for the socket would create the directory.
  if (ifOurs(() => Deno.statSync(homeOf(context))) === null) return null;
  return await existingDaemon(context, (control) => control.status({ signal: context.interrupt }));
}

function checkStatus(status: DaemonStatus, context: Context): Check {
  const { pid, version, jobs, uptime_seconds } = status;
  const message = `version ${version} runs (pid ${pid}, for ${durationText(uptime_seconds)}, ` +
    `${jobs.running} running and ${jobs.pending} pending jobs)`;
  const order = compareVersions(context.version, version);
  if (order === 0) return ok(NAME, message);
  const fix = order > 0
    ? "The next call replaces it; or now: agent-async daemon stop"
    : "Update this program too: agent-async update";
  return warn(NAME, `${message}, this program is ${context.version}`, fix);
}

const NAME = "daemon";
const NOT_RUNNING = "does not run; the first call that needs it starts it";
