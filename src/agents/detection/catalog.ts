/**
 * Room `agents`: which agents there are and which of them can work here. Looks through a `Probe`; keeps nothing but
 * versions, by executable and its time of change, so that an agent installed later is found at the next call.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import { type AgentDriver, policiesOf } from "../driver.ts";
import { type AgentSettings, type Detection, missing, tooOld } from "./detection.ts";
import { locateAgent, type Place } from "./locate_agent.ts";
import type { Probe } from "./probe.ts";
import { HOST_DIRECTORY_VARIABLE } from "./host_directory.ts";
import { packageVersion } from "./package_version.ts";
import { RememberedAnswers } from "./remembered_answers.ts";
import { compareVersions } from "../../domain/compare_versions.ts";

export interface DetectOptions {
  readonly patience?: Promise<unknown>;
}

/** Ms that a CLI may take for a question about itself: Node ones need up to 2 s on a busy machine. */
const QUESTION_MS = 5_000;

export class AgentCatalog {
  readonly #known: () => readonly AgentDriver[];
  readonly #probe: Probe;
  readonly #settings: () => Record<string, AgentSettings>;
  readonly #servers = new RememberedAnswers<readonly string[]>();
  /** By executable and its identity. A promise, so that calls at the same time ask once. */
  readonly #versions = new Map<string, Promise<string | null>>();

  constructor(options: {
    /** Asked at each call: agents of the user's own come and go with the configuration. */
    drivers: () => readonly AgentDriver[];
    probe: Probe;
    settings: () => Record<string, AgentSettings>;
  }) {
    this.#known = options.drivers;
    this.#probe = options.probe;
    this.#settings = options.settings;
  }

  names(): string[] {
    return this.#known().map((driver) => driver.name);
  }

  driver(name: string): AgentDriver | null {
    return this.#known().find((driver) => driver.name === name) ?? null;
  }

  /** Whether the agent has a way to keep an approval policy. */
  canKeep(name: string, policy: ApprovalPolicy): boolean {
    const driver = this.driver(name);
    return driver === null || policiesOf(driver).includes(policy);
  }

  settings(name: string): AgentSettings {
    const settings = this.#settings();
    return Object.hasOwn(settings, name) ? settings[name] ?? {} : {};
  }

  get isRoot(): boolean {
    return this.#probe.isRoot;
  }

  /**
   * @param env the environment of the host that asks: its PATH decides.
   * @param options.patience when it is settled, a version that is still being asked for is taken as unreadable; its
   * answer counts at the next call.
   * @throws {TypeError} for a name that is not in the catalog.
   */
  async detect(
    name: string,
    env: Readonly<Record<string, string>>,
    { patience }: DetectOptions = {},
  ): Promise<Detection> {
    const driver = this.#driverOf(name);
    const place = this.#place(driver, env);
    if (place === null) return missing(driver, this.settings(name).command);
    const { executable } = place;
    const asked = this.#version(driver, place, env);
    const version = await (patience === undefined ? asked : Promise.race([asked, patience.then(() => null)]));
    const { command } = this.settings(name);
    if (version === null && driver.hasCommonName === true && command === undefined) {
      return missing(driver, command);
    }
    if (version !== null && compareVersions(version, driver.versions.oldest) < 0) {
      return tooOld(driver, { executable, version });
    }
    return { name, title: driver.title, available: true, executable, version, problem: null, hint: null };
  }

  /** In the order of {@link names}. */
  detectAll(env: Readonly<Record<string, string>>, options: DetectOptions = {}): Promise<Detection[]> {
    return Promise.all(this.names().map((name) => this.detect(name, env, options)));
  }

  /** `null`: cannot be told. Never from memory: people log in between two calls. */
  async isLoggedIn(name: string, env: Readonly<Record<string, string>>): Promise<boolean | null> {
    const driver = this.#driverOf(name);
    if (driver.login === undefined) return null;
    const answer = await this.#ask(driver, driver.login.args, { env });
    return answer === null ? null : driver.login.read(answer.code, answer.stdout, answer.stderr);
  }

  /**
   * The MCP servers that the agent would start in `cwd`; empty when it has none, need not name them or does not
   * answer (the turn then fails with the agent's own words). Remembered until something changes that it depends on.
   */
  async mcpServers(
    name: string,
    options: { env: Readonly<Record<string, string>>; cwd: string },
  ): Promise<readonly string[]> {
    const driver = this.#driverOf(name);
    const { mcpList } = driver;
    const place = mcpList === undefined ? null : this.#place(driver, options.env);
    if (mcpList === undefined || place === null) return [];
    const env = this.#environment(driver, options.env);
    const { executable, realPath } = place;
    const { files, variables } = mcpList.dependsOn({ env, cwd: options.cwd });
    const servers = await this.#servers.answer({
      question: JSON.stringify([executable, options.cwd]),
      dependencies: { files: [executable, realPath, ...files], variables },
      env,
      identity: (path) => this.#probe.identity(path),
      ask: async () => {
        const answer = await this.#ask(driver, mcpList.args, options);
        return answer === null ? null : mcpList.read(answer.code, answer.stdout);
      },
    });
    return servers ?? [];
  }

  #driverOf(name: string): AgentDriver {
    const driver = this.driver(name);
    if (driver === null) {
      throw new TypeError(`Cannot detect agent "${name}": there is none of that name`);
    }
    return driver;
  }

  #place(driver: AgentDriver, env: Readonly<Record<string, string>>): Place | null {
    return locateAgent(driver, {
      command: this.settings(driver.name).command,
      env: this.#environment(driver, env),
      from: env[HOST_DIRECTORY_VARIABLE],
    }, this.#probe);
  }

  #version(
    driver: AgentDriver,
    { executable, realPath }: Place,
    env: Readonly<Record<string, string>>,
  ): Promise<string | null> {
    const packaged = driver.npmPackage === undefined
      ? null
      : packageVersion(driver.npmPackage, realPath, (path) => this.#probe.readText(path));
    if (packaged !== null) return Promise.resolve(packaged);
    const changed = this.#probe.identity(this.#probe.realPath(executable));
    const { PATH, Path } = this.#environment(driver, env);
    const key = JSON.stringify([driver.name, changed, executable, PATH ?? Path]);
    const known = this.#versions.get(key);
    if (known !== undefined) return known;
    const asked = this.#probe.run(executable, driver.versionArgs, {
      env: this.#environment(driver, env),
      timeoutMs: QUESTION_MS,
    });
    const version = asked.then((answer) =>
      answer === null || answer.code !== 0 ? null : driver.readVersion(answer.stdout)
    );
    this.#versions.set(key, version);
    // One that did not answer is asked again: a busy machine is no property of the executable. One that answered without
    // a version will do so again.
    asked.then((answer) => answer === null && this.#versions.delete(key), () => this.#versions.delete(key));
    return version;
  }

  #ask(
    driver: AgentDriver,
    args: readonly string[],
    { env, cwd }: { env: Readonly<Record<string, string>>; cwd?: string },
  ): Promise<{ code: number; stdout: string; stderr: string } | null> {
    const place = this.#place(driver, env);
    if (place === null) return Promise.resolve(null);
    return this.#probe.run(place.executable, args, {
      env: this.#environment(driver, env),
      timeoutMs: QUESTION_MS,
      ...(cwd === undefined ? {} : { cwd }),
    });
  }

  #environment(driver: AgentDriver, env: Readonly<Record<string, string>>): Record<string, string> {
    return { ...env, ...this.settings(driver.name).env };
  }
}
