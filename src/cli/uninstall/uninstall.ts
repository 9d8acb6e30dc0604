/**
 * Room `cli`: undoes an installation, step by step. A step that fails does not keep the others from being done, and is
 * reported.
 *
 * @module
 */
import { AutoUpdate } from "../auto_update/auto_update.ts";
import type { Context } from "../context.ts";
import { existingDaemon } from "../existing_daemon.ts";
import { failureOf } from "../entry/exit_code.ts";
import { installedProgram } from "../update/installed_program.ts";
import { clearBackups } from "./host_backups.ts";
import { cancelUnfinished } from "./jobs_in_the_way.ts";
import { ownRegistrations, removeRegistration } from "./registrations.ts";
import { removeExecutable } from "./remove_executable.ts";
import { removeStateDirectory } from "./state_directory.ts";

export interface UninstallOptions {
  readonly home: string;
  readonly deletesJobs: boolean;
  readonly cancelsJobs: boolean;
}

export interface UninstallReport {
  readonly jobs: "deleted" | "kept";
  /** What was done, in sentences. */
  readonly steps: readonly string[];
  /** What could not be done; said among the steps as well. */
  readonly faults: readonly string[];
}

export async function uninstall(context: Context, options: UninstallOptions): Promise<UninstallReport> {
  const { home, deletesJobs, cancelsJobs } = options;
  const steps: string[] = [];
  const faults: string[] = [];
  const step = async (does: () => Promise<string | null> | string | null) => {
    try {
      const said = await does();
      if (said !== null) steps.push(said);
    } catch (error) {
      const { message, hint } = failureOf(error);
      const fault = hint === undefined ? message : `${message} (${hint})`;
      faults.push(fault);
      steps.push(`Not done: ${fault}`);
    }
  };
  for (const found of ownRegistrations(context)) await step(() => removeRegistration(found, context));
  await step(() => {
    steps.push(...clearBackups(context));
    return null;
  });
  await step(async () => {
    const timers = await new AutoUpdate(context.io.env).disable();
    return timers.length === 0 ? null : `Automatic updates are off (${timers.join(", ")}).`;
  });
  if (cancelsJobs) {
    await step(async () => {
      const count = await cancelUnfinished(await context.service(), context.interrupt);
      return `Cancelled: ${count} ${count === 1 ? "job" : "jobs"}.`;
    });
  }
  // The program goes before the daemon leaves: an open session of a host could otherwise start another daemon.
  await step(() => removeProgram(context.io.env["PATH"] ?? ""));
  await step(async () => {
    const stopped = await existingDaemon(context, (daemon) => daemon.stop());
    return stopped === null ? null : "The daemon has left.";
  });
  if (deletesJobs) {
    await step(() => {
      const { isRemoved, foreign } = removeStateDirectory(home);
      if (!isRemoved) return null;
      return foreign.length === 0
        ? `Deleted ${home}.`
        : `Deleted what agent-async had in ${home}; it stays for ${foreign.join(", ")}.`;
    });
  } else steps.push(`Kept ${home} with its jobs and configuration.`);
  return { jobs: deletesJobs ? "deleted" : "kept", steps, faults };
}

function removeProgram(searchPath: string): string {
  const program = installedProgram();
  if (program.kind === "source") return `Kept the source in ${program.directory}: delete it yourself.`;
  const { removed, leftover } = removeExecutable(program.path, { searchPath });
  const said = `Removed ${removed.join(" and ")}`;
  return leftover === null ? `${said}.` : `${said}; delete ${leftover} when this has ended.`;
}
