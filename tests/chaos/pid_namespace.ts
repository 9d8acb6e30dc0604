/**
 * Chaos: a pid namespace, in which pids can be given out again at will. Daemons run in it, this process looks at it
 * from outside, where the same processes have other pids: what a file says there is not a pid here.
 *
 * @module
 */
import { eventually } from "../support/eventually.ts";
import { hasProgram } from "../support/has_program.ts";
import { commandOf, environmentOf, processIds } from "./processes.ts";
import { signalIfAlive } from "../support/signals.ts";

/** Tries to get one certain pid: others in the namespace may start something in between. */
const PID_TRIES = 50;

/** A stranger, before and after it leads its own session. */
const STRANGERS = ["setsid sleep 601", "sleep 601"];

/** Why there are no such namespaces here, or `null`. */
export function noPidNamespace(): string | null {
  const hasPrograms = ["unshare", "nsenter", "setsid"].every(hasProgram);
  if (Deno.build.os !== "linux" || !hasPrograms) return "a pid namespace needs Linux, unshare and nsenter";
  return Deno.uid() === 0 ? null : "a pid namespace needs root";
}

export class PidNamespace {
  private constructor(readonly home: string, readonly init: number) {}

  /** Its first process reaps what is left to it, and ends with the site. */
  static async create(home: string): Promise<PidNamespace> {
    const child = new Deno.Command("unshare", {
      args: ["--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", "sleep 100000 & wait"],
      env: { AGENT_ASYNC_HOME: home },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    child.status.catch(() => {});
    const init = await eventually(() => {
      const [pid] = childrenOf(child.pid);
      // Its own /proc is mounted before the program begins.
      return pid !== undefined && nameOf(pid) === "sh" && pid;
    }, { what: "a pid namespace" });
    return new PidNamespace(home, init);
  }

  /** Goes in front of a command. */
  get launcher(): string[] {
    return ["nsenter", "-t", String(this.init), "--pid", "--mount"];
  }

  /** The daemon of the state directory, as it is called here. */
  daemon(): number | null {
    return this.#find((env, pid) => {
      const isJob = env.some((entry) => entry.startsWith("AGENT_ASYNC_JOB_ID="));
      return !isJob && this.innerPid(pid) !== null && commandOf(pid).endsWith("daemon run");
    });
  }

  /** The pid that a process has inside; `null` when it is not in there. */
  innerPid(pid: number): number | null {
    try {
      const ids = /^NSpid:\s+(.*)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]?.split("\t") ??
        [];
      return ids.length > 1 ? Number(ids.at(-1)) : null;
    } catch {
      return null;
    }
  }

  /** Whether a pid is taken inside, also by one that has ended and was not waited for. */
  isTaken(inner: number): boolean {
    return processIds().some((pid) => this.innerPid(pid) === inner && this.#isInside(pid));
  }

  /**
   * Starts a process that has nothing to do with anything, leads a session and a group of its own, and has this pid
   * inside.
   * @returns its pid here
   */
  async stranger(inner: number): Promise<number> {
    const script =
      'echo $(($1 - 1)) >/proc/sys/kernel/ns_last_pid; setsid sleep 601 & [ $! = "$1" ] || kill $!';
    for (let tries = PID_TRIES; tries > 0; tries--) {
      const [command = "", ...args] = [...this.launcher, "sh", "-c", script, "sh", String(inner)];
      await new Deno.Command(command, {
        args,
        env: { AGENT_ASYNC_HOME: this.home },
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).output();
      const pid = processIds().find((pid) =>
        this.innerPid(pid) === inner && this.#isInside(pid) &&
        STRANGERS.includes(commandOf(pid))
      );
      if (pid !== undefined) return pid;
    }
    throw new Error(`Cannot start a process with the pid ${inner}`);
  }

  #isInside(pid: number): boolean {
    try {
      return Deno.readLinkSync(`/proc/${pid}/ns/pid`) === Deno.readLinkSync(`/proc/${this.init}/ns/pid`);
    } catch {
      return false;
    }
  }

  #find(isIt: (env: readonly string[], pid: number) => boolean): number | null {
    return processIds().find((pid) => {
      const env = environmentOf(pid);
      return env.includes(`AGENT_ASYNC_HOME=${this.home}`) && isIt(env, pid);
    }) ?? null;
  }

  async killDaemon(): Promise<void> {
    const pid = await eventually(() => this.daemon(), { what: "a daemon in the namespace" });
    signalIfAlive(pid, "SIGKILL");
    await eventually(() => this.innerPid(pid) === null, { what: "the daemon's end" });
  }
}

function childrenOf(pid: number): number[] {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ").map(Number).filter((
      one,
    ) => one > 0);
  } catch {
    return [];
  }
}

function nameOf(pid: number): string {
  return Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
}
