/**
 * Test support: a state directory with job directories, and turns that run small shell agents in it.
 *
 * @module
 */
import { JOB_ID_ALPHABET } from "../../src/domain/job/ids.ts";
import { JobDirectories, type JobDirectory, type TurnDirectory } from "../../src/kernel/job_directories.ts";
import { launch, type LaunchOptions } from "../../src/kernel/launch.ts";
import { TurnProcess } from "../../src/kernel/turn_process.ts";
import type { TurnWrapper } from "../../src/kernel/wrapper/turn_wrapper.ts";
import { randomId } from "../../src/system/ids.ts";
import type { Processes } from "../../src/system/processes/processes.ts";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";
import { eventually } from "./eventually.ts";
import { fromFileUrl } from "./from_file_url.ts";
import { shellWrapper } from "./wrappers.ts";

export interface LaunchedTurn {
  turn: TurnDirectory;
  process: TurnProcess;
  status: Promise<unknown>;
}

export class KernelHome implements AsyncDisposable {
  readonly root: string = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-test-" }));
  readonly directories: JobDirectories;
  readonly processes: Processes = systemProcesses();
  readonly #ids: string[] = [];

  /**
   * @param options.statePath where the state directory is to be; a new temporary one unless given
   * @param options.wrapper who runs the turns; the shell unless given
   */
  constructor({ statePath, wrapper = shellWrapper }: { statePath?: string; wrapper?: TurnWrapper } = {}) {
    this.directories = new JobDirectories(statePath ?? `${this.root}/state`, { wrapper });
    this.directories.prepare();
  }

  /** A new job; no two tests on this machine share its id. */
  newJob(): JobDirectory {
    const id = randomId(JOB_ID_ALPHABET, 8);
    this.#ids.push(id);
    const job = this.directories.job(id);
    job.create();
    return job;
  }

  newTurn(job: JobDirectory = this.newJob(), turn = 1): TurnDirectory {
    const directory = job.turn(turn);
    directory.create();
    Deno.writeTextFileSync(directory.promptFile, "a prompt\n", { mode: 0o600 });
    return directory;
  }

  /** The environment that a job's processes get. */
  env(jobId: string): Record<string, string> {
    return { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", HOME: this.root, AGENT_ASYNC_JOB_ID: jobId };
  }

  launch(turn: TurnDirectory, options: Partial<LaunchOptions> = {}): LaunchedTurn {
    const { status } = launch({
      turn,
      executable: "/bin/sh",
      args: [],
      cwd: this.root,
      env: this.env(turn.jobId),
      stdin: "none",
      ...options,
    });
    // The kernel lets this process end whatever its turns do; a test waits for them.
    const awake = setInterval(() => {}, 1_000);
    return {
      turn,
      process: new TurnProcess(turn, this.processes),
      status: status.finally(() => clearInterval(awake)),
    };
  }

  /** Launches `sh -c script` and waits until its process is known. */
  async run(script: string, args: readonly string[] = []): Promise<LaunchedTurn> {
    const launched = this.launch(this.newTurn(), { args: ["-c", script, "agent", ...args] });
    await eventually(() => launched.process.liveness() !== "unborn", { what: "the wrapper's pid file" });
    return launched;
  }

  /** Launches a script of `tests/fixtures/agents/kernel`. */
  async runFixture(name: string, args: readonly string[] = []): Promise<LaunchedTurn> {
    const executable = fromFileUrl(new URL(`../fixtures/agents/kernel/${name}`, import.meta.url));
    const launched = this.launch(this.newTurn(), { executable: "/bin/sh", args: [executable, ...args] });
    await eventually(() => launched.process.liveness() !== "unborn", { what: "the wrapper's pid file" });
    return launched;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#ids) {
      for (const pid of this.processes.withMarker("AGENT_ASYNC_JOB_ID", id)) {
        this.processes.signal(pid, "SIGKILL");
      }
    }
    await Deno.remove(this.root, { recursive: true });
  }
}

/** Lines that an agent has printed so far. */
export function printed(turn: TurnDirectory): string[] {
  try {
    return Deno.readTextFileSync(turn.rawFile).split("\n").slice(0, -1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
