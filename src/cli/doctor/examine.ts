/**
 * Room `cli`: runs all checks of `doctor`, from the program itself outwards.
 *
 * @module
 */
import { loadConfig } from "../../config/load_config.ts";
import { type Config, DEFAULT_CONFIG } from "../../config/schema.ts";
import { statePaths } from "../../config/state_paths.ts";
import { ifOurs } from "../../system/files/files.ts";
import type { Context } from "../context.ts";
import { homeOf } from "../existing_daemon.ts";
import { hostSite, ownCommand } from "../hosts/host_site.ts";
import { brokenBy, type Check, ok } from "./check.ts";
import { checkAgents } from "./check_agents.ts";
import { hostEnvironment } from "../entry/host_environment.ts";
import { checkDaemon } from "./check_daemon.ts";
import { checkEnvironment } from "./check_environment.ts";
import { checkHosts } from "./check_hosts.ts";
import { checkJobs } from "./check_jobs.ts";
import { checkLog } from "./check_log.ts";
import { checkPlaces } from "./check_places.ts";
import { checkState } from "./check_state.ts";

/**
 * The findings of all checks, in the order in which they are shown.
 *
 * @throws AgentAsyncError `config_invalid` when there is no usable state directory.
 */
export async function examine(context: Context): Promise<Check[]> {
  const { env, clock } = context.io;
  const home = homeOf(context);
  const paths = statePaths(home);
  // The state directory is checked first, since connecting to the daemon would repair its mode.
  const state = checkState(home);
  const { config, check } = await checkConfig(paths.configFile, env);
  const asked = checkDaemon(context);
  const [daemon, jobs, places, agents, hosts] = await Promise.all([
    asked.then(({ check }) => check),
    checkJobs(context),
    asked.then(({ status }) => checkPlaces(home, { daemon: status, env: hostEnvironment(context.io) })),
    checkAgents(config, hostEnvironment(context.io)),
    checkHosts(hostSite(context), ownCommand()),
  ]);
  return [
    checkProgram(context),
    check,
    ...checkEnvironment(env, Object.keys(config.agents)),
    ...state,
    daemon,
    ...jobs,
    places,
    checkLog(paths.logFile, clock.now()),
    ...agents,
    ...hosts,
  ];
}

function checkProgram({ version }: Context): Check {
  const kind = Deno.build.standalone ? "" : ", from source";
  return ok("program", `agent-async ${version} (Deno ${Deno.version.deno}, ${Deno.build.target}${kind})`);
}

async function checkConfig(
  path: string,
  env: Readonly<Record<string, string>>,
): Promise<{ config: Config; check: Check }> {
  try {
    const { config } = await loadConfig({ path, env });
    const said = ifOurs(() => Deno.statSync(path)) === null
      ? `no ${path}: everything is as by default`
      : path;
    return { config, check: ok("config", said) };
  } catch (error) {
    const check = brokenBy("config", error, "Mend it; agent-async config schema says what may stand there.");
    return { config: DEFAULT_CONFIG, check };
  }
}
