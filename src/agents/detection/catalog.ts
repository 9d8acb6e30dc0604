/**
 * Room `agents`: which agents there are and which of them can work here. Looks through a `Probe`; keeps nothing but
 * versions, by executable and its time of change, so that an agent installed later is found at the next call.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import type { AgentDriver } from "../driver.ts";
import { HOST_DIRECTORY_VARIABLE } from "./host_directory.ts";
import { packageVersion } from "./package_version.ts";
import { RememberedAnswers } from "./remembered_answers.ts";
import { compareVersions } from "../../domain/compare_versions.ts";

/** The outside world as detection sees it. */
export interface Probe {
  /** The first of `names` that is executable in a directory of `path` (a PATH), absolute. */
  find(names: readonly string[], path: string, from?: string): string | null;
  /** With symlinks, and npm's shims on Windows, resolved; the path itself when it cannot be. */
  realPath(path: string): string;
  /** What changes when the file does, or another takes its place; `null` when there is none. */
  identity(path: string): string | null;
  isExecutable(path: string): boolean;
  /** A small text file; `null` when there is none that can be read. */
  readText(path: string): string | null;
  /** `null`: could not be started, or did not end in time (it is killed then). */
  run(
    executable: string,
    args: readonly string[],
    options: { env: Readonly<Record<string, string>>; timeoutMs: number; cwd?: string },
  ): Promise<{ code: number; stdout: string; stderr: string } | null>;
  readonly platform: { readonly os: string; readonly arch: string };
  /** Whether agents run as the superuser. */
  readonly isRoot: boolean;
}

/** What the configuration says of one agent. */
export interface AgentSettings {
  /** A name to look for on PATH, or an absolute path. */
  readonly command?: string | undefined;
  readonly model?: string | null | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly mcp?: "none" | "inherit" | undefined;
}

export interface Detection {
  readonly name: string;
  readonly title: string;
  readonly available: boolean;
  /** Absolute; the native binary where there is one. */
  readonly executable: string | null;
  readonly version: string | null;
  readonly problem: "not_installed" | "too_old" | null;
  /** What to do about the problem, in one sentence. */
  readonly hint: string | null;
}

export interface DetectOptions {
  readonly patience?: Promise<unknown>;
}

/** Where an agent was found. */
interface Place {
  /** What runs: the native binary where there is one. */
  readonly executable: string;
  /** What was found, with symlinks resolved. */
  readonly realPath: string;
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
    return this.driver(name)?.policies?.includes(policy) ?? true;
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
    const found = { name, title: driver.title, executable, version };
    if (version !== null && compareVersions(version, driver.versions.oldest) < 0) {
      const hint =
        `${driver.title} ${version} is too old, ${driver.versions.oldest} is needed. ${driver.hints.upgrade}`;
      return { ...found, available: false, problem: "too_old", hint };
    }
    return { ...found, available: true, problem: null, hint: null };
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
    const { command } = this.settings(driver.name);
    const { PATH, Path } = this.#environment(driver, env);
    const path = PATH ?? Path ?? "";
    const found = command !== undefined && isAbsolute(command)
      ? (this.#probe.isExecutable(command) ? command : null)
      : this.#probe.find(
        command === undefined ? driver.executables : [command],
        path,
        env[HOST_DIRECTORY_VARIABLE],
      );
    if (found === null) return null;
    const realPath = this.#probe.realPath(found);
    const candidates = driver.nativeCandidates?.(realPath, this.#probe.platform) ?? [];
    const executable = candidates.find((candidate) => this.#probe.isExecutable(candidate)) ?? found;
    return { executable, realPath };
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

function missing(driver: AgentDriver, command: string | undefined): Detection {
  const where = command === undefined
    ? `${driver.title} was not found on PATH.`
    : `${driver.title} was not found as the configured command "${command}".`;
  return {
    name: driver.name,
    title: driver.title,
    available: false,
    executable: null,
    version: null,
    problem: "not_installed",
    hint: `${where} ${driver.hints.install}`,
  };
}

function isAbsolute(path: string): boolean {
  return path.startsWith("/") || /^[A-Za-z]:[/\\]/.test(path);
}
