/**
 * Room `agents`: the agents with their drivers, for whoever lets them work: found as a search finds them, and asked
 * about themselves.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import { type AgentDriver, policiesOf } from "../driver.ts";
import { AgentSearch, type DetectOptions, QUESTION_MS } from "./agent_search.ts";
import type { AgentSettings, Detection } from "./detection.ts";
import type { Probe } from "./probe.ts";
import { RememberedAnswers } from "./remembered_answers.ts";

export class AgentCatalog {
  readonly #search: AgentSearch<AgentDriver>;
  readonly #probe: Probe;
  readonly #servers = new RememberedAnswers<readonly string[]>();

  constructor({ drivers, probe, settings }: {
    /** Asked at each call: agents of the user's own come and go with the configuration. */
    drivers: () => readonly AgentDriver[];
    probe: Probe;
    settings: () => Record<string, AgentSettings>;
  }) {
    this.#search = new AgentSearch({ agents: drivers, probe, settings });
    this.#probe = probe;
  }

  names(): string[] {
    return this.#search.names();
  }

  driver(name: string): AgentDriver | null {
    return this.#search.agent(name);
  }

  /** Whether the agent has a way to keep an approval policy. */
  canKeep(name: string, policy: ApprovalPolicy): boolean {
    const driver = this.driver(name);
    return driver === null || policiesOf(driver).includes(policy);
  }

  settings(name: string): AgentSettings {
    return this.#search.settings(name);
  }

  get isRoot(): boolean {
    return this.#probe.isRoot;
  }

  /** As {@link AgentSearch.detect}. */
  detect(
    name: string,
    env: Readonly<Record<string, string>>,
    options?: DetectOptions,
  ): Promise<Detection> {
    return this.#search.detect(name, env, options);
  }

  /** As {@link AgentSearch.detectAll}. */
  detectAll(env: Readonly<Record<string, string>>, options?: DetectOptions): Promise<Detection[]> {
    return this.#search.detectAll(env, options);
  }

  /** `null`: cannot be told. Never from memory: people log in between two calls. */
  async isLoggedIn(name: string, env: Readonly<Record<string, string>>): Promise<boolean | null> {
    const driver = this.#search.agentNamed(name);
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
    const driver = this.#search.agentNamed(name);
    const { mcpList } = driver;
    const place = mcpList === undefined ? null : this.#search.place(driver, options.env);
    if (mcpList === undefined || place === null) return [];
    const env = this.#search.environment(driver, options.env);
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

  #ask(
    driver: AgentDriver,
    args: readonly string[],
    { env, cwd }: { env: Readonly<Record<string, string>>; cwd?: string },
  ): Promise<{ code: number; stdout: string; stderr: string } | null> {
    const place = this.#search.place(driver, env);
    if (place === null) return Promise.resolve(null);
    return this.#probe.run(place.executable, args, {
      env: this.#search.environment(driver, env),
      timeoutMs: QUESTION_MS,
      ...(cwd === undefined ? {} : { cwd }),
    });
  }
}
