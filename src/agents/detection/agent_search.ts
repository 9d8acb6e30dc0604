/**
 * Room `agents`: which agents there are and which of them can work here. Looks through a `Probe`; keeps nothing but
 * versions, by executable and its time of change, so that an agent installed later is found at the next call.
 *
 * @module
 */
import { compareVersions } from "../../domain/compare_versions.ts";
import type { AgentProfile } from "../profiles/agent_profile.ts";
import { type AgentSettings, type Detection, missing, tooOld } from "./detection.ts";
import { HOST_DIRECTORY_VARIABLE } from "./host_directory.ts";
import { locateAgent, type Place } from "./locate_agent.ts";
import { packageVersion } from "./package_version.ts";
import type { Probe } from "./probe.ts";

export interface AgentSearchOptions<Agent extends AgentProfile> {
  /** Asked at each call: agents of the user's own come and go with the configuration. */
  agents: () => readonly Agent[];
  probe: Probe;
  settings: () => Record<string, AgentSettings>;
}

export interface DetectOptions {
  readonly patience?: Promise<unknown>;
}

/** Ms that a CLI may take for a question about itself: Node ones need up to 2 s on a busy machine. */
export const QUESTION_MS = 5_000;

export class AgentSearch<Agent extends AgentProfile> {
  readonly #options: AgentSearchOptions<Agent>;
  /** By executable and its identity. A promise, so that calls at the same time ask once. */
  readonly #versions = new Map<string, Promise<string | null>>();

  constructor(options: AgentSearchOptions<Agent>) {
    this.#options = options;
  }

  names(): string[] {
    return this.#options.agents().map(({ name }) => name);
  }

  agent(name: string): Agent | null {
    return this.#options.agents().find((agent) => agent.name === name) ?? null;
  }

  /** @throws {TypeError} for a name that none has. */
  agentNamed(name: string): Agent {
    const agent = this.agent(name);
    if (agent !== null) return agent;
    throw new TypeError(`Cannot detect agent "${name}": there is none of that name`);
  }

  settings(name: string): AgentSettings {
    const settings = this.#options.settings();
    return Object.hasOwn(settings, name) ? settings[name] ?? {} : {};
  }

  /**
   * @param env the environment of the host that asks: its PATH decides.
   * @param options.patience when it is settled, a version that is still being asked for is taken as unreadable; its
   * answer counts at the next call.
   * @throws {TypeError} for a name that none has.
   */
  async detect(
    name: string,
    env: Readonly<Record<string, string>>,
    { patience }: DetectOptions = {},
  ): Promise<Detection> {
    const agent = this.agentNamed(name);
    const place = this.place(agent, env);
    if (place === null) return missing(agent, this.settings(name).command);
    const { executable } = place;
    const asked = this.#version(agent, place, env);
    const version = await (patience === undefined ? asked : Promise.race([asked, patience.then(() => null)]));
    const { command } = this.settings(name);
    if (version === null && agent.hasCommonName === true && command === undefined) {
      return missing(agent, command);
    }
    if (version !== null && compareVersions(version, agent.versions.oldest) < 0) {
      return tooOld(agent, { executable, version });
    }
    return { name, title: agent.title, available: true, executable, version, problem: null, hint: null };
  }

  /** In the order of {@link names}. */
  detectAll(env: Readonly<Record<string, string>>, options: DetectOptions = {}): Promise<Detection[]> {
    return Promise.all(this.names().map((name) => this.detect(name, env, options)));
  }

  /** Where the agent is, as its settings and the host's PATH say; `null` when it is nowhere. */
  place(agent: AgentProfile, env: Readonly<Record<string, string>>): Place | null {
    return locateAgent(agent, {
      command: this.settings(agent.name).command,
      env: this.environment(agent, env),
      from: env[HOST_DIRECTORY_VARIABLE],
    }, this.#options.probe);
  }

  /** The host's environment with the variables that the agent's settings add. */
  environment({ name }: AgentProfile, env: Readonly<Record<string, string>>): Record<string, string> {
    return { ...env, ...this.settings(name).env };
  }

  #version(
    agent: AgentProfile,
    { executable, realPath }: Place,
    env: Readonly<Record<string, string>>,
  ): Promise<string | null> {
    const { probe } = this.#options;
    const packaged = agent.npmPackage === undefined
      ? null
      : packageVersion(agent.npmPackage, realPath, (path) => probe.readText(path));
    if (packaged !== null) return Promise.resolve(packaged);
    const changed = probe.identity(probe.realPath(executable));
    const { PATH, Path } = this.environment(agent, env);
    const key = JSON.stringify([agent.name, changed, executable, PATH ?? Path]);
    const known = this.#versions.get(key);
    if (known !== undefined) return known;
    const asked = probe.run(executable, agent.versionArgs, {
      env: this.environment(agent, env),
      timeoutMs: QUESTION_MS,
    });
    const version = asked.then((answer) =>
      answer === null || answer.code !== 0 ? null : agent.readVersion(answer.stdout)
    );
    this.#versions.set(key, version);
    // One that did not answer is asked again: a busy machine is no property of the executable. One that answered without
    // a version will do so again.
    asked.then((answer) => answer === null && this.#versions.delete(key), () => this.#versions.delete(key));
    return version;
  }
}
