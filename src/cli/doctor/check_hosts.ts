/**
 * Room `cli`: the checks of `doctor` on the hosts: where this program is registered, and whether the registered command
 * answers.
 *
 * @module
 */
import { HOSTS } from "../hosts/host_list.ts";
import { type HostSite, projectDirectory, userHome } from "../hosts/host.ts";
import { type HostRegistration, type HostState, inspectHost } from "../hosts/inspect_host.ts";
import { greetServer } from "../hosts/greet_server.ts";
import { serverWideFile } from "../hosts/server_wide.ts";
import { broken, type Check, ok, warn } from "./check.ts";

export async function checkHosts(site: HostSite, self: readonly string[]): Promise<Check[]> {
  const states = HOSTS.map((host) => inspectHost(host, site, self))
    .filter(({ isDetected, registrations }) => isDetected || registrations.length > 0);
  if (states.length === 0) {
    const fix = "agent-async list-agents names those that it knows; the command line works without one.";
    return [warn("hosts", "no host (Claude Code, Codex, ...) was found", fix)];
  }
  const isSomewhere = states.some(({ registrations }) => registrations.length > 0);
  return (await Promise.all(states.map((state) => checkHost(state, site, isSomewhere)))).flat();
}

async function checkHost(state: HostState, site: HostSite, isSomewhere: boolean): Promise<Check[]> {
  const { host, registrations, faults } = state;
  const name = `host ${host.id}`;
  const checks = faults.map((fault) =>
    broken(name, fault, `Mend the file; ${host.title} cannot read it either.`)
  );
  if (registrations.length > 0) {
    return [...checks, ...await Promise.all(registrations.map((one) => checkRegistration(state, one, site)))];
  }
  if (faults.length > 0) return checks;
  const message = `${host.title} is here, agent-async is not registered with it`;
  const fix = `agent-async add-agent ${host.id}`;
  return isSomewhere ? [ok(name, `${message} (${fix})`)] : [warn(name, message, fix)];
}

async function checkRegistration(state: HostState, one: HostRegistration, site: HostSite): Promise<Check> {
  const { id, title } = state.host;
  const name = `host ${id}`;
  const options = `${one.name === "agent-async" ? "" : ` --name ${one.name}`}${
    one.scope === "project" ? " --project" : ""
  }`;
  const fix = `Register it again: agent-async add-agent ${id}${options}`;
  const what = `${one.name} in ${one.file}`;
  if (one.missing !== null) return broken(name, `${what} starts ${one.missing}, which is gone`, fix);
  const answer = await greetServer(one.command, {
    env: { ...site.env, ...one.env },
    cwd: projectDirectory(site) ?? userHome(site),
  });
  if ("fault" in answer) return broken(name, `${what} does not start: ${answer.fault}`, fix);
  const message = `${title}: ${what} starts and answers (version ${answer.version})`;
  const wide = serverWideFile(state.host, site, one);
  if (wide !== null) {
    return warn(
      name,
      `${message}, but ${wide} lets it call every tool without asking, also those that answer for you`,
      `Allow them tool by tool: agent-async add-agent ${id}${options} --allow`,
    );
  }
  return one.isCurrent
    ? ok(name, message)
    : warn(name, `${message}, but is another program than this one`, fix);
}
