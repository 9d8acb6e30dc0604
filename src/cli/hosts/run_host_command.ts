/**
 * Room `cli`: a host's own command line, run to its end.
 *
 * @module
 */
import { AgentProbe } from "../../system/agent_probe.ts";
import { type Host, type HostScope, type HostSite, projectDirectory, userHome } from "./host.ts";

/** Limit in ms of one run of a host's command line. Those written for Node start in 1 to 3 s on a quiet machine. */
const COMMAND_MS = 60_000;

/** Absolute path of the first of `names` on PATH; `null` when there is none. */
export function findExecutable(names: readonly string[], site: HostSite): string | null {
  return new AgentProbe().find(
    names,
    site.env["PATH"] ?? site.env["Path"] ?? "",
    projectDirectory(site) ?? undefined,
  );
}

/**
 * @param args of the command, or `null` when the host has no command for this.
 * @returns `hasRun`: whether the command was started; `fault`: why it failed, `null` when it did not.
 */
export async function runHostCommand(
  host: Host,
  args: readonly string[] | null,
  { site, scope }: { site: HostSite; scope: HostScope },
): Promise<{ hasRun: boolean; fault: string | null }> {
  const line = host.commandLine;
  const executable = line === undefined ? null : findExecutable(line.executables, site);
  if (line === undefined || executable === null || args === null) return { hasRun: false, fault: null };
  const answer = await new AgentProbe().run(executable, args, {
    env: { ...site.env, ...line.env },
    timeoutMs: COMMAND_MS,
    // The user scope does not depend on the directory, and a project in the present one must not interfere.
    cwd: scope === "project" ? site.cwd : userHome(site),
  });
  if (answer === null) return { hasRun: true, fault: "it did not end in time" };
  if (answer.code === 0) return { hasRun: true, fault: null };
  const said = (answer.stderr.trim() || answer.stdout.trim()).split("\n").at(-1) ?? "";
  return { hasRun: true, fault: `it ended with ${answer.code}: ${said.slice(0, 300)}` };
}
