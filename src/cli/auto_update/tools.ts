/**
 * Room `cli`: runs the commands of the system's timers (launchctl, systemctl, crontab), found on this terminal's PATH.
 *
 * @module
 */
import { AgentProbe } from "../../system/agent_probe.ts";
import { CommandError } from "../entry/exit_code.ts";

/** Limit in ms of one run of a command. */
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

  /** Runs a command to its end; `null` when it is not found or does not end in time. */
  async ask(name: string, args: readonly string[]): Promise<Answer | null> {
    const executable = this.#find(name);
    if (executable === null) return null;
    return await this.#probe.run(executable, args, { env: this.#env, timeoutMs: PATIENCE_MS });
  }

  /** As `ask`. @throws CommandError when the command is missing or ends with another code than 0. */
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
