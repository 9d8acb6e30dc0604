/**
 * Chaos: one state directory under attack, with the real program as its daemon and as many clients as are wanted.
 *
 * @module
 */
import denoJson from "../../deno.json" with { type: "json" };
import { connectOrStart } from "../../src/daemon/reach/connect_or_start.ts";
import { RemoteService } from "../../src/service/remote/service.ts";
import { systemClock } from "../../src/system/clock.ts";
import { eventually } from "../support/eventually.ts";
import { UNDER_MODES } from "../support/file_modes.ts";
import {
  daemonPid,
  hostEnvironment,
  isAlive,
  NEWER_VERSION,
  newerProgramCommand,
  programCommand,
} from "../support/program.ts";
import { makeStateHome, type StateHome } from "../support/state_home.ts";
import { commandOf, environmentOf, parentOf, processIds } from "./processes.ts";
import { signalIfAlive } from "../support/signals.ts";

export interface SiteOptions {
  /** `config.json`. */
  config?: Record<string, unknown>;
  /** Added to what a host would send and the daemon gets. */
  env?: Record<string, string>;
  /** In front of the command that starts a daemon: `prlimit ...`. */
  launcher?: readonly string[];
}

export class Site {
  readonly state: StateHome;
  readonly env: Record<string, string>;
  readonly #launcher: readonly string[];
  readonly #clients: RemoteService[] = [];

  constructor({ config = {}, env = {}, launcher = [] }: SiteOptions = {}) {
    this.state = makeStateHome(config);
    Object.assign(this.state.env, env);
    this.env = hostEnvironment(this.state);
    this.#launcher = launcher;
  }

  get home(): string {
    return this.state.home;
  }

  /** A directory beside the state directory, made when it is missing. */
  workspace(name: string): string {
    return this.state.workspace(name);
  }

  /**
   * A front-end's way to the daemon, with a connection of its own. It starts daemons as a front-end does; a newer one
   * has a newer program's.
   */
  client(options: { isNewer?: boolean; startTimeoutMs?: number } = {}): RemoteService {
    const program = options.isNewer === true ? newerProgramCommand() : programCommand();
    const client = new RemoteService({
      clock: systemClock,
      connect: (signal) =>
        connectOrStart({
          home: this.home,
          version: options.isNewer === true ? NEWER_VERSION : denoJson.version,
          command: [...this.#launcher, ...UNDER_MODES, ...program, "daemon", "run"],
          env: this.env,
          clock: systemClock,
          signal,
          startTimeoutMs: options.startTimeoutMs ?? 60_000,
        }),
    });
    this.#clients.push(client);
    return client;
  }

  /** The daemon that owns the directory now. */
  daemon(): number | null {
    return daemonPid(this.state);
  }

  /** Every process that is a daemon of this directory; more than one only for moments, while they settle who it is. */
  daemons(): number[] {
    const found = processIds().filter((pid) => {
      const env = environmentOf(pid);
      const isJob = env.some((entry) => entry.startsWith("AGENT_ASYNC_JOB_ID="));
      return !isJob && env.includes(`AGENT_ASYNC_HOME=${this.home}`) && commandOf(pid).endsWith("daemon run");
    });
    // A launcher that waits for its daemon has the same words in its command line.
    const parents = found.map(parentOf);
    return found.filter((pid) => !parents.includes(pid));
  }

  /** Waits for a daemon, other than `before` if that is given. */
  async daemonUp(before: number | null = null): Promise<number> {
    return await eventually(() => {
      const pid = this.daemon();
      return pid !== before && pid;
    }, { what: "a daemon", timeoutMs: 30_000 });
  }

  /** Signals the daemon of this moment, if there is one. */
  signalDaemon(signal: Deno.Signal): number | null {
    const pid = this.daemon();
    if (pid !== null) signalIfAlive(pid, signal);
    return pid;
  }

  /** What the daemons of this directory logged at a level. */
  logged(level: "warn" | "error"): string[] {
    return this.log().filter((line) => line.includes(`"level":"${level}"`));
  }

  log(): string[] {
    try {
      return Deno.readTextFileSync(`${this.home}/daemon.log`).split("\n").filter((line) => line !== "");
    } catch {
      return [];
    }
  }

  /** Processes that carry an id of a job of this directory in their environment, as `pid command`. */
  jobProcesses(ids: ReadonlySet<string>): string[] {
    return this.#processes((env) => {
      const id = env.find((entry) => entry.startsWith("AGENT_ASYNC_JOB_ID="))?.slice(19);
      return id !== undefined && ids.has(id);
    });
  }

  /**
   * Ends all that runs with this state directory in its environment, and removes it.
   *
   * @param options.keep leaves the files where they are, for whoever wants to know what happened
   * @returns processes of jobs that had been left running
   */
  async close(options: { keep?: boolean } = {}): Promise<string[]> {
    for (const client of this.#clients) client.close();
    const isOurs = (env: readonly string[]) => env.includes(`AGENT_ASYNC_HOME=${this.home}`);
    const marked = this.#processes((env) =>
      isOurs(env) && env.some((entry) => entry.startsWith("AGENT_ASYNC_JOB_ID="))
    );
    await eventually(() => {
      const pids = processIds().filter((pid) => isAlive(pid) && isOurs(environmentOf(pid)));
      for (const pid of pids) signalIfAlive(pid, "SIGKILL");
      return pids.length === 0;
    }, { what: "the end of everything in the state directory", timeoutMs: 30_000 });
    if (options.keep !== true) await this.state[Symbol.asyncDispose]();
    return marked;
  }

  #processes(isWanted: (env: readonly string[]) => boolean): string[] {
    return processIds().filter((pid) => isAlive(pid) && isWanted(environmentOf(pid)))
      .map((pid) => `${pid} ${commandOf(pid).slice(0, 100)}`);
  }
}
