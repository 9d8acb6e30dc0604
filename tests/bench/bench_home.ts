/**
 * Benchmark: a state directory of its own, hosts in it, and the FIFOs through which the benchmark's agent is steered
 * and heard without anything that polls.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { daemonPid, hostEnvironment, isAlive } from "../support/program.ts";
import { makeStateHome, type StateHome } from "../support/state_home.ts";
import { McpSession } from "./mcp_session.ts";
import type { Program } from "./programs.ts";

const AGENTS = fromFileUrl(new URL("agents", import.meta.url));

const Started = z.object({ structuredContent: z.object({ job_id: z.string() }) });

/** A job that says when it begins and ends, and ends when it is told to. */
export interface GatedJob {
  readonly prompt: string;
  /** `performance.now()` at the agent's first instruction. */
  readonly born: Promise<number>;
  /** `performance.now()` at the end of the agent's process. */
  readonly ended: Promise<number>;
  /** Lets the agent end. */
  open(): void;
}

export class BenchHome implements AsyncDisposable {
  readonly state: StateHome;
  readonly env: Record<string, string>;
  readonly #directory: string;
  readonly #gates = new Set<string>();
  #fifos = 0;

  /** @param config of the daemon; `agents` are further directories of PATH. */
  constructor({ config = {}, agents = [] }: { config?: Record<string, unknown>; agents?: string[] } = {}) {
    this.state = makeStateHome({ limits: { total: 50 }, ...config });
    const system = (Deno.env.get("PATH") ?? "/usr/bin:/bin").split(":").filter((path) => !hasAgent(path));
    this.env = { ...hostEnvironment(this.state), PATH: [AGENTS, ...agents, ...system].join(":") };
    this.#directory = Deno.makeTempDirSync({ prefix: "agent-async-bench-" });
  }

  /** A front-end that nobody has greeted yet. */
  host(program: Program, args: readonly string[] = ["mcp"]): McpSession {
    return new McpSession({ command: [...program, ...args], env: this.env, cwd: this.state.cwd });
  }

  /** A front-end whose way to the daemon is open. */
  async connectedHost(program: Program): Promise<McpSession> {
    const host = this.host(program);
    await host.initialize();
    await host.call("job_list", { limit: 1 });
    return host;
  }

  /** Starts a job through a host. @returns its id. */
  async start(host: McpSession, prompt: string, args: Record<string, unknown> = {}): Promise<string> {
    const answer = await host.call("codex_start", {
      prompt,
      cwd: this.state.cwd,
      approval_policy: "suggest",
      ...args,
    });
    return Started.parse(answer).structuredContent.job_id;
  }

  /** The FIFOs of a job, made before anything is measured. */
  gatedJob(): GatedJob {
    const [born = "", alive = "", go = ""] = this.fifos(3);
    this.#gates.add(go);
    return {
      prompt: `born ${born}\nalive ${alive}\ngo ${go}\n`,
      born: firstByte(born),
      ended: endOf(alive),
      open: () => this.#open(go),
    };
  }

  fifos(count: number): string[] {
    const paths = Array.from({ length: count }, () => join(this.#directory, `fifo-${this.#fifos++}`));
    const { success } = new Deno.Command("mkfifo", { args: paths }).outputSync();
    if (!success) throw new Error("Cannot make FIFOs");
    return paths;
  }

  /** Where files of the benchmark go that are no part of the state directory. */
  path(name: string): string {
    return join(this.#directory, name);
  }

  daemon(): number {
    const pid = daemonPid(this.state);
    if (pid === null) throw new Error("No daemon runs");
    return pid;
  }

  async stopDaemon(): Promise<void> {
    const pid = daemonPid(this.state);
    if (pid === null) return;
    Deno.kill(pid, "SIGTERM");
    await eventually(() => !isAlive(pid), { what: "the daemon's end", timeoutMs: 30_000 });
  }

  /** The daemon first: nothing that the open gates let go on is to start another job. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopDaemon();
    for (const gate of this.#gates) this.#open(gate);
    // Agents that have just been let go still write their last words.
    await eventually(() => Deno.remove(this.#directory, { recursive: true }).then(() => true), {
      what: "an end of writing",
    });
    await eventually(() => Promise.resolve(this.state[Symbol.asyncDispose]()).then(() => true), {
      what: "an end of writing",
    });
  }

  /** Held open for reading too, so that neither end waits for the other; the word stays until it is read. */
  #open(gate: string): void {
    if (!this.#gates.delete(gate)) return;
    const file = Deno.openSync(gate, { read: true, write: true });
    file.writeSync(new TextEncoder().encode("go\n"));
    // An agent that has not come to its gate yet finds the word only while somebody holds the FIFO.
    setTimeout(() => file.close(), 200);
  }
}

/** Agents of the machine are none of the benchmark's business; a directory without which no `sh` is found stays. */
function hasAgent(path: string): boolean {
  return !["/usr/bin", "/bin"].includes(path) &&
    ["codex", "cursor-agent", "gemini", "claude"].some((name) => {
      try {
        Deno.statSync(join(path, name));
        return true;
      } catch {
        return false;
      }
    });
}

async function firstByte(fifo: string): Promise<number> {
  using file = await Deno.open(fifo);
  await file.read(new Uint8Array(16));
  return performance.now();
}

async function endOf(fifo: string): Promise<number> {
  using file = await Deno.open(fifo);
  while (await file.read(new Uint8Array(16)) !== null);
  return performance.now();
}
