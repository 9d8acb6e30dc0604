/**
 * Room `cli`: the checks of `doctor` on the agents: whether each is installed, in which version, whether it is logged
 * in, and whether
 * its sandbox works on this machine.
 *
 * @module
 */
import { AgentCatalog } from "../../agents/detection/catalog.ts";
import type { Detection } from "../../agents/detection/detection.ts";
import type { AgentDriver } from "../../agents/driver.ts";
import { agentSettings } from "../../agents/detection/known_agents.ts";
import { knownDrivers } from "../../agents/detection/known_drivers.ts";
import { compareVersions } from "../../domain/compare_versions.ts";
import type { Config } from "../../config/schema.ts";
import { AgentProbe } from "../../system/agent_probe.ts";
import { broken, type Check, ok, warn } from "./check.ts";
import { checkSandbox } from "./check_sandbox.ts";

type Environment = Readonly<Record<string, string>>;

/** Time limit in ms for `--version`: a CLI made with Node needs up to 2 s on a busy machine. */
const VERSION_MS = 10_000;

export async function checkAgents(config: Config, env: Environment): Promise<Check[]> {
  const catalog = new AgentCatalog({
    drivers: knownDrivers(() => config.agents),
    probe: new AgentProbe(),
    settings: () => agentSettings(config.agents),
  });
  const found = await catalog.detectAll(env);
  const hasSome = found.some(({ available }) => available);
  const checks = await Promise.all(found.map(async (detection) => {
    if (detection.problem === "not_installed") {
      const isConfigured = Object.hasOwn(config.agents, detection.name);
      return [missing(detection, hasSome && !isConfigured)];
    }
    const fault = detection.version === null ? await startFault(detection, catalog, env) : null;
    if (fault !== null) return [fault];
    return [await installed(detection, catalog, env), ...await sandboxOf(detection, catalog, env)];
  }));
  const none = "Install or mend one of them, for example Codex: no job can run before.";
  return [...checks.flat(), ...(hasSome ? [] : [broken("agents", "there is no agent that works", none)])];
}

async function sandboxOf(
  { name, executable }: Detection,
  catalog: AgentCatalog,
  env: Environment,
): Promise<Check[]> {
  const sandbox = catalog.driver(name)?.sandbox;
  if (sandbox === undefined || executable === null) return [];
  return [await checkSandbox(name, { sandbox, executable, env: { ...env, ...catalog.settings(name).env } })];
}

/**
 * A finding when the agent cannot even tell its version, since then its jobs would fail too. `null` when it answers,
 * even with a version that cannot be parsed.
 */
async function startFault(
  { name, title, executable }: Detection,
  catalog: AgentCatalog,
  env: Environment,
): Promise<Check | null> {
  const driver = catalog.driver(name);
  // An agent that the user has configured need not understand `--version`, so it is not asked.
  if (executable === null || driver === null || !hasRange(driver)) return null;
  const answer = await new AgentProbe().run(executable, driver.versionArgs, {
    env: { ...env, ...catalog.settings(name).env },
    timeoutMs: VERSION_MS,
  });
  if (answer?.code === 0) return null;
  const command = [executable, ...driver.versionArgs].join(" ");
  const fix = `See what ${command} says in this terminal. ${driver.hints.upgrade}`;
  const label = `agent ${name}`;
  if (answer === null) {
    return warn(label, `${title} (${executable}) has not told its version in ${VERSION_MS / 1_000} s`, fix);
  }
  const said = answer.stderr.trim().split("\n").at(-1)?.slice(0, 300) ?? "";
  const end = `${title} does not start: ${command} ended with ${answer.code}`;
  return broken(label, said === "" ? end : `${end}: ${said}`, fix);
}

/** Whether the driver names a range of tested versions. An agent that the user has configured has none. */
function hasRange({ versions: { oldest, tested } }: AgentDriver): boolean {
  return compareVersions(tested, oldest) > 0;
}

function missing({ name, title, hint }: Detection, isFine: boolean): Check {
  const label = `agent ${name}`;
  return isFine
    ? ok(label, `${title} is not installed, which is fine unless you want it`)
    : warn(label, `${title} is not installed`, hint ?? "Install it.");
}

async function installed(detection: Detection, catalog: AgentCatalog, env: Environment): Promise<Check> {
  const { name, title, version, executable, hint } = detection;
  const label = `agent ${name}`;
  const driver = catalog.driver(name);
  if (!detection.available || driver === null) {
    return broken(label, `${title} cannot be used`, hint ?? "Update it.");
  }
  const { oldest, tested } = driver.versions;
  const what = `${title} ${version ?? "of unknown version"} (${executable})`;
  const key = driver.login?.keyVariable;
  const hasKey = key !== undefined && (env[key] ?? "") !== "";
  if (!hasKey && await catalog.isLoggedIn(name, env) === false) {
    const exception = driver.login?.exception;
    const unless = exception === undefined ? "" : ` (${exception})`;
    return warn(label, `${what} is not logged in${unless}`, driver.hints.login);
  }
  if (!hasRange(driver)) return ok(label, what);
  if (version === null) {
    return warn(label, `${what}: its --version says nothing known`, `Known to work: ${oldest} to ${tested}.`);
  }
  if (compareVersions(version, tested) > 0) {
    const fix = `If its jobs fail, use ${tested}, or look for a newer agent-async: agent-async check-update`;
    return warn(label, `${what} is newer than ${tested}, the newest that was tested`, fix);
  }
  return ok(label, what);
}
