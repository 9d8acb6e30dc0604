/**
 * Room `cli`: `doctor` on the agents: which are here, in which version, logged in or not, and whether their sandbox
 * works on this machine.
 *
 * @module
 */
import { AgentCatalog, type Detection } from "../../agents/catalog.ts";
import { agentSettings, knownDrivers } from "../../agents/known_drivers.ts";
import { compareVersions } from "../../agents/version.ts";
import type { Config } from "../../config/schema.ts";
import { AgentProbe } from "../../system/agent_probe.ts";
import { broken, type Check, ok, warn } from "./check.ts";
import { checkCodexSandbox } from "./check_sandbox.ts";

/** Variables that log an agent in although its own question about logins says otherwise. */
const KEY_UNKNOWN_TO_LOGIN: Readonly<Record<string, string>> = { codex: "CODEX_API_KEY" };

type Environment = Readonly<Record<string, string>>;

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
    const sandbox = detection.name === "codex" && detection.executable !== null
      ? [await checkCodexSandbox(detection.executable, { ...env, ...catalog.settings("codex").env })]
      : [];
    return [await installed(detection, catalog, env), ...sandbox];
  }));
  const none = "No agent can work here: install one of them, for example Codex.";
  return [...checks.flat(), ...(hasSome ? [] : [broken("agents", "no agent was found", none)])];
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
  const key = KEY_UNKNOWN_TO_LOGIN[name];
  const hasKey = key !== undefined && (env[key] ?? "") !== "";
  if (!hasKey && await catalog.isLoggedIn(name, env) === false) {
    return warn(label, `${what} is not logged in`, driver.hints.login);
  }
  // An agent that was never tested against a version of its own has no range.
  if (compareVersions(tested, oldest) <= 0) return ok(label, what);
  if (version === null) {
    return warn(label, `${what}: its --version says nothing known`, `Known to work: ${oldest} to ${tested}.`);
  }
  if (compareVersions(version, tested) > 0) {
    const fix = `If its jobs fail, use ${tested}, or look for a newer agent-async: agent-async check-update`;
    return warn(label, `${what} is newer than ${tested}, the newest that was tested`, fix);
  }
  return ok(label, what);
}
