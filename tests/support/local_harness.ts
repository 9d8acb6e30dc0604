/**
 * Test support: the real service in this process: real store, real processes, scripted agents. It can be left and
 * taken up again, as when a daemon is replaced.
 *
 * @module
 */
import type { AgentDriver } from "../../src/agents/driver.ts";
import { compose } from "../../src/daemon/serve/compose.ts";
import type { Composition } from "../../src/daemon/serve/run_daemon.ts";
import type { JobResult } from "../../src/domain/job/result.ts";
import type { TurnWrapper } from "../../src/kernel/wrapper/turn_wrapper.ts";
import type { Receipt, StartRequest } from "../../src/service/requests.ts";
import type { JobService } from "../../src/service/job_service.ts";
import { silentLog } from "../../src/system/log.ts";
import { makeStateHome, type StateHome } from "./state_home.ts";
import { shellWrapper } from "./wrappers.ts";

export class LocalHarness implements AsyncDisposable {
  /** Ms by which the wall clock of the service is ahead. */
  clockAhead = 0;
  private composition!: Composition;

  private constructor(
    readonly state: StateHome,
    readonly wrapper: TurnWrapper,
    /** Agents that the program does not have. */
    public drivers: readonly AgentDriver[],
  ) {}

  /** @param options.wrapper who runs the turns; the shell unless given */
  static async start(
    config: Record<string, unknown> = {},
    { wrapper = shellWrapper, drivers = [] }: { wrapper?: TurnWrapper; drivers?: readonly AgentDriver[] } =
      {},
  ): Promise<LocalHarness> {
    const state = makeStateHome(config);
    const harness = new LocalHarness(state, wrapper, drivers);
    await harness.#open();
    return harness;
  }

  get service(): JobService {
    return this.composition.service;
  }

  get activeJobs(): number {
    return this.composition.activeJobs();
  }

  get origin() {
    return { env: this.state.env, session: "test" };
  }

  run(prompt: string, over: Partial<StartRequest> = {}): Promise<Receipt> {
    return this.service.start({ agent: "codex", prompt, cwd: this.state.cwd, origin: this.origin, ...over });
  }

  reply(jobId: string, prompt: string): Promise<Receipt> {
    return this.service.reply({ job_id: jobId, prompt, origin: this.origin });
  }

  /** The result of a job that ends within 30 s. */
  async ended(jobId: string): Promise<JobResult> {
    const { jobs } = await this.service.wait({ job_ids: [jobId], timeout_seconds: 100 });
    const [job] = jobs;
    if (job === undefined) {
      throw new Error(
        `Job ${jobId} did not end: ${JSON.stringify(await this.service.poll({ job_id: jobId }))}`,
      );
    }
    return job;
  }

  /** Leaves the daemon's place and takes it again, with something happening in between. */
  async restart(between: () => unknown = () => {}): Promise<void> {
    await this.composition.close();
    await between();
    await this.#open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { jobs } = await this.service.list({ limit: 100 });
    for (const { job_id, status } of jobs) {
      if (status === "pending" || status === "running") await this.service.cancel({ job_id });
    }
    await this.composition.close();
    await this.state[Symbol.asyncDispose]();
  }

  async #open(): Promise<void> {
    const { wrapper, drivers, state: { home, env } } = this;
    const clock = { now: () => Date.now() + this.clockAhead, steady: () => performance.now() };
    this.composition = await compose({ home, env, log: silentLog, clock, wrapper, drivers });
  }
}
