/**
 * Room `cli`: the agent's own program in the session of a job: which command line, where, with which environment.
 *
 * @module
 */
import { AgentCatalog } from "../../agents/detection/catalog.ts";
import { agentSettings } from "../../agents/detection/known_agents.ts";
import { knownDrivers } from "../../agents/detection/known_drivers.ts";
import { loadConfig } from "../../config/load_config.ts";
import { stateHome, statePaths } from "../../config/state_paths.ts";
import { isArgumentWord } from "../../domain/agent/argument_word.ts";
import type { JobResult } from "../../domain/job/result.ts";
import { AgentProbe } from "../../system/agent_probe.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../entry/exit_code.ts";

export interface InteractiveSession {
  readonly cwd: string;
  readonly executable: string;
  readonly args: readonly string[];
  /** Variables to add to the terminal's environment; `null` removes one. */
  readonly env: Readonly<Record<string, string | null>>;
}

/** @throws CommandError for a job that nobody can go on with at a terminal, with the reason. */
export async function interactiveOf(
  job: JobResult,
  { io: { env } }: Pick<Context, "io">,
): Promise<InteractiveSession> {
  const cannot = (why: string, hint?: string) =>
    new CommandError(`Cannot open job ${job.job_id}: ${why}`, { hint });
  const { config } = await loadConfig({ path: statePaths(stateHome(env)).configFile, env });
  const catalog = new AgentCatalog({
    drivers: knownDrivers(() => config.agents),
    probe: new AgentProbe(),
    settings: () => agentSettings(config.agents),
  });
  const driver = catalog.driver(job.agent);
  if (driver === null) throw cannot(`there is no agent ${job.agent} any more`);
  if (driver.interactive === undefined) {
    const others = catalog.names().filter((name) => catalog.driver(name)?.interactive !== undefined);
    throw cannot(
      `${driver.title} has no program that goes on with a job's session`,
      others.length === 0 ? undefined : `It can be done with jobs of ${others.join(", ")}.`,
    );
  }
  const { session_id: sessionId } = job;
  if (sessionId === null) throw cannot("its agent never began a session");
  if (!isArgumentWord(sessionId)) throw cannot("its session has an id that could be taken for an option");
  const cwd = placeOf(job);
  if (!isDirectory(cwd)) throw cannot(`${cwd} is not a directory any more`);
  const found = await catalog.detect(job.agent, { ...env });
  if (found.executable === null || !found.available) {
    throw cannot(`${driver.title} is not installed here`, found.hint ?? driver.hints.install);
  }
  const { executable, version } = found;
  const settings = catalog.settings(job.agent);
  const { args, env: added } = driver.interactive({
    executable,
    version,
    cwd,
    policy: job.approval_policy,
    model: settings.model ?? null,
    sessionId,
  });
  return { cwd, executable, args, env: { ...settings.env, ...added } };
}

/** Where the job's turns work: a place of its own, where it has one. */
function placeOf(job: JobResult): string {
  const { place }: { cwd: string; place?: unknown } = job;
  const path = typeof place === "object" && place !== null && "path" in place ? place.path : undefined;
  return typeof path === "string" ? path : job.cwd;
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** The session as one line for a POSIX shell. */
export function shellLine({ cwd, executable, args, env }: InteractiveSession): string {
  const removed = Object.entries(env).flatMap(([name, value]) => value === null ? ["-u", name] : []);
  const set = Object.entries(env).flatMap(([name, value]) => value === null ? [] : [`${name}=${value}`]);
  const command = [
    ...(removed.length + set.length === 0 ? [] : ["env", ...removed, ...set]),
    executable,
    ...args,
  ];
  return `cd ${quoted(cwd)} && ${command.map(quoted).join(" ")}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
