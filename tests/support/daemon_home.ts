/**
 * A state directory of a test's own, and clients of the daemon in it (`tests/fixtures/daemon_main.ts`). Disposing ends
 * every daemon that ran in it, by process id, and removes it.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectOrStart, type ConnectOrStartOptions } from "../../src/daemon/reach/connect_or_start.ts";
import { RemoteService } from "../../src/service/remote/service.ts";
import type { StartRequest } from "../../src/service/requests.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";
import { ENDPOINT_FILES, type EndpointKind, ENDPOINTS } from "./endpoints.ts";
import { eventually } from "./eventually.ts";
import { signalIfAlive } from "./signals.ts";

const DAEMON_MAIN = fileURLToPath(new URL("../fixtures/daemon_main.ts", import.meta.url));

/** One daemon's life, as its fixture noted it: `ended` only when it left in order. */
export interface Life {
  pid: number;
  version: string;
  ended: boolean;
}

export class DaemonHome implements AsyncDisposable {
  readonly #directory: string;
  readonly #services: RemoteService[] = [];
  readonly home: string;
  readonly #kind: EndpointKind;

  constructor({ name = "home", kind = "unix" }: { name?: string; kind?: EndpointKind } = {}) {
    this.#directory = Deno.makeTempDirSync({ prefix: "aa-daemon-" });
    this.home = join(this.#directory, name);
    this.#kind = kind;
  }

  /** The file by which its daemon is found. */
  get endpointFile(): string {
    return join(this.home, ENDPOINT_FILES[this.#kind]);
  }

  connectOptions(
    options: Partial<ConnectOrStartOptions> & { idleSeconds?: number } = {},
  ): ConnectOrStartOptions {
    const { idleSeconds = 600, version = "1.0.0", ...others } = options;
    return {
      home: this.home,
      version,
      command: [
        Deno.execPath(),
        "run",
        "-A",
        "--no-check",
        DAEMON_MAIN,
        version,
        String(idleSeconds),
        this.#kind,
      ],
      endpoint: ENDPOINTS[this.#kind],
      env: Deno.env.toObject(),
      clock: systemClock,
      ...others,
    };
  }

  /** A front-end of its own, with one connection, closed with this directory. */
  service(options: Parameters<DaemonHome["connectOptions"]>[0] & { lookMs?: number } = {}): RemoteService {
    const { lookMs, ...others } = options;
    const service = new RemoteService({
      connect: (signal) => connectOrStart({ ...this.connectOptions(others), signal }),
      clock: systemClock,
      ...(lookMs === undefined ? {} : { lookMs }),
    });
    this.#services.push(service);
    return service;
  }

  startRequest(prompt: string, others: Partial<StartRequest> = {}): StartRequest {
    return { agent: "codex", prompt, cwd: "/", origin: { env: {}, session: "test" }, ...others };
  }

  /** Every daemon that served here, in order. */
  lives(): Life[] {
    const lines = this.read("lives.txt").split("\n").filter((line) => line !== "").map((line) =>
      line.split(" ")
    );
    const ended = new Set(lines.filter(([what]) => what === "ends").map(([, pid]) => pid));
    return lines.filter(([what]) => what === "begins").map(([, pid = "", version = ""]) => ({
      pid: Number(pid),
      version,
      ended: ended.has(pid),
    }));
  }

  /** The text of a file in the directory; empty when there is none. */
  read(name: string): string {
    try {
      return Deno.readTextFileSync(join(this.home, name));
    } catch {
      return "";
    }
  }

  async kill(pid: number): Promise<void> {
    signalIfAlive(pid, "SIGKILL");
    await eventually(() => !isAlive(pid), { what: `the end of process ${pid}` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const service of this.#services) service.close();
    await eventually(() => this.#killed(), {
      what: `the end of every daemon in ${this.home}`,
    });
    // Windows does not let go of a directory at once.
    await eventually(() => Deno.remove(this.#directory, { recursive: true }).then(() => true), {
      what: `the removal of ${this.#directory}`,
    });
  }

  /** Kills what runs with this state directory in its environment; whether nothing did. */
  #killed(): boolean {
    // Other systems show no environment of another process.
    if (Deno.build.os !== "linux") {
      const own = this.lives().map(({ pid }) => pid).filter(isAlive);
      for (const pid of own) signalIfAlive(pid, "SIGKILL");
      return own.length === 0;
    }
    const pids = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => pid > 0);
    const own = pids.filter((pid) =>
      isAlive(pid) && environOf(pid).includes(`AGENT_ASYNC_HOME=${this.home}`)
    );
    for (const pid of own) signalIfAlive(pid, "SIGKILL");
    return own.length === 0;
  }
}

/** Whether the process runs; one that has ended and was not waited for does not. */
export function isAlive(pid: number): boolean {
  if (Deno.build.os !== "linux") {
    const processes = systemProcesses();
    const identity = processes.identify(pid);
    return identity !== null && processes.isAlive(identity);
  }
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

function environOf(pid: number): string[] {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0");
  } catch {
    return [];
  }
}
