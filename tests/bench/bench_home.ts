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
import { sendSignal } from "../support/signals.ts";

const AGENTS = fromFileUrl(new URL("agents", import.meta.url));

const Started = z.object({ structuredContent: z.object({ job_id: z.string() }) });

/** A job that says when it begins, and ends when it is told to. Its FIFOs are made before anything is measured. */
export interface GatedJob {
  readonly prompt: string;
  /** `performance.now()` at the agent's first instruction. */
  readonly born: Promise<number>;
  /** Lets the agent end. */
  open(): void;
}

/** One whose end is heard. */
export interface WatchedJob extends GatedJob {
  /** `performance.now()` at the end of the agent's process. */
  readonly ended: Promise<number>;
}

export class BenchHome implements AsyncDisposable {
  readonly state: StateHome;
  readonly env: Record<string, string>;
  readonly #directory: string;
  readonly #gates = new Set<string>();
  readonly #births: Births;
  #words = 0;
  static readonly #open = new Set<BenchHome>();

  /** @param config of the daemon; `agents` are further directories of PATH. */
  constructor({ config = {}, agents = [] }: { config?: Record<string, unknown>; agents?: string[] } = {}) {
    this.state = makeStateHome({ limits: { total: 50 }, ...config });
    const system = (Deno.env.get("PATH") ?? "/usr/bin:/bin").split(":").filter((path) => !hasAgent(path));
    this.env = { ...hostEnvironment(this.state), PATH: [AGENTS, ...agents, ...system].join(":") };
    this.#directory = Deno.makeTempDirSync({ prefix: "agent-async-bench-" });
    this.#births = new Births(this.path("births"));
    BenchHome.#open.add(this);
  }

  /** For a run that is given up: nothing of it stays. */
  static async disposeAll(): Promise<void> {
    await Promise.allSettled([...BenchHome.#open].map((home) => home[Symbol.asyncDispose]()));
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

  gatedJob(): GatedJob {
    const go = this.path(`go-${this.#words}`);
    const word = `job-${this.#words++}`;
    makeFifo(go);
    this.#gates.add(go);
    return {
      prompt: `born ${this.#births.path} ${word}\ngo ${go}\n`,
      born: this.#births.heard(word),
      open: () => this.#openGate(go),
    };
  }

  /** Each keeps a thread until it ends, of which Deno has 32. */
  watchedJob(): WatchedJob {
    const alive = this.path(`alive-${this.#words}`);
    makeFifo(alive);
    const job = this.gatedJob();
    return { ...job, prompt: `alive ${alive}\n${job.prompt}`, ended: endOf(alive) };
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
    sendSignal(pid, "SIGTERM");
    await eventually(() => !isAlive(pid), { what: "the daemon's end", timeoutMs: 30_000 });
  }

  /** The daemon first: nothing that the open gates let go on is to start another job. */
  async [Symbol.asyncDispose](): Promise<void> {
    BenchHome.#open.delete(this);
    await this.stopDaemon();
    for (const gate of this.#gates) this.#openGate(gate);
    this.#births.close();
    // Agents that have just been let go still write their last words.
    await eventually(() => Deno.remove(this.#directory, { recursive: true }).then(() => true), {
      what: "an end of writing",
    });
    await eventually(() => Promise.resolve(this.state[Symbol.asyncDispose]()).then(() => true), {
      what: "an end of writing",
    });
  }

  /** Held open for reading too, so that neither end waits for the other; the word stays until it is read. */
  #openGate(gate: string): void {
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

/** One FIFO into which every agent of a home writes its word first of all. */
class Births {
  readonly path: string;
  readonly #file: Deno.FsFile;
  readonly #waiting = new Map<string, (at: number) => void>();
  #isClosed = false;

  constructor(path: string) {
    this.path = path;
    makeFifo(path);
    // Open for writing as well, so that it has no end while no agent writes.
    this.#file = Deno.openSync(path, { read: true, write: true });
    void this.#listen();
  }

  /** `performance.now()` when an agent has written the word. */
  heard(word: string): Promise<number> {
    return new Promise((resolve) => this.#waiting.set(word, resolve));
  }

  close(): void {
    this.#isClosed = true;
    this.#file.writeSync(new TextEncoder().encode("\n"));
  }

  async #listen(): Promise<void> {
    const buffer = new Uint8Array(4_096);
    while (!this.#isClosed) {
      const length = await this.#file.read(buffer) ?? 0;
      const at = performance.now();
      // A line this short is written in one piece, and so read in one.
      for (const word of new TextDecoder().decode(buffer.subarray(0, length)).split("\n")) {
        this.#waiting.get(word)?.(at);
        this.#waiting.delete(word);
      }
    }
    this.#file.close();
  }
}

function makeFifo(path: string): void {
  const { success } = new Deno.Command("mkfifo", { args: [path] }).outputSync();
  if (!success) throw new Error(`Cannot make the FIFO ${path}`);
}

async function endOf(fifo: string): Promise<number> {
  using file = await Deno.open(fifo);
  while (await file.read(new Uint8Array(16)) !== null);
  return performance.now();
}
