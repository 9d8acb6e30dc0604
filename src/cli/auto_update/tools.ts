/**
 * Room `cli`: the system's own commands for its clocks, found on the PATH of this terminal.
 *
 * @module
 */
import { AgentProbe } from "../../system/agent_probe.ts";
import { CommandError } from "../entry/exit_code.ts";

/** Ms for one question to the system. */
const PATIENCE_MS = 30_000;

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Tools {
  readonly #env: Readonly<Record<string, string>>;
  readonly #probe = new AgentProbe();

  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  has(name: string): boolean {
    return this.#find(name) !== null;
  }

  /** `null` when it is not there or does not come back. */
  async ask(name: string, args: readonly string[]): Promise<Answer | null> {
    const executable = this.#find(name);
    if (executable === null) return null;
    return await this.#probe.run(executable, args, { env: this.#env, timeoutMs: PATIENCE_MS });
  }

  /** @throws CommandError when it does not end with 0. */
  async must(name: string, args: readonly string[]): Promise<Answer> {
    const answer = await this.ask(name, args);
    if (answer?.code === 0) return answer;
    const fault = answer === null ? "it does not answer" : answer.stderr.trim() || `code ${answer.code}`;
    throw new CommandError(`${[name, ...args].join(" ")}: ${fault}`);
  }

  #find(name: string): string | null {
    return this.#probe.find([name], this.#env["PATH"] ?? "");
  }
}
