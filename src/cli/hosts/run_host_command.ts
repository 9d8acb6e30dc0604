/**
 * Room `cli`: a host's own command line, run to its end.
 *
 * @module
 */
import { AgentProbe } from "../../system/agent_probe.ts";
import { type Host, type HostScope, type HostSite, projectDirectory, userHome } from "./host.ts";

/** Ms: the Node ones start in 1 to 3 s on a quiet machine. */
const COMMAND_MS = 60_000;

/** Absolute, or `null` when none of `names` is on PATH. */
export function findExecutable(names: readonly string[], site: HostSite): string | null {
  return new AgentProbe().find(
    names,
    site.env["PATH"] ?? site.env["Path"] ?? "",
    projectDirectory(site) ?? undefined,
  );
}

/**
 * @param args what the host's command line takes, or `null` when it cannot do it.
 * @returns `null` when it did it or is not installed (`hasRun` tells which), else what it said.
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
    // Its user scope is the same everywhere; a project of the present directory must not get in its way.
    cwd: scope === "project" ? site.cwd : userHome(site),
  });
  if (answer === null) return { hasRun: true, fault: "it did not end in time" };
  if (answer.code === 0) return { hasRun: true, fault: null };
  const said = (answer.stderr.trim() || answer.stdout.trim()).split("\n").at(-1) ?? "";
  return { hasRun: true, fault: `it ended with ${answer.code}: ${said.slice(0, 300)}` };
}
