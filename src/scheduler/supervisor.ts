/**
 * Room `scheduler`: sees every running turn through, from its launch (or its adoption from an earlier daemon) to its
 * committed outcome. A turn is over when its process is gone, its output is read to the end and the outcome is
 * committed, in that order.
 *
 * @module
 */
import type { AgentDriver } from "../agents/driver.ts";
import type { JobId } from "../domain/ids.ts";
import { isJobIn, type Job } from "../domain/job.ts";
import { judge } from "../domain/outcome.ts";
import type { StopCause } from "../domain/reason.ts";
import { transition } from "../domain/transition.ts";
import type { Failure, TurnOutcome } from "../domain/turn.ts";
import type { JobDirectories } from "../kernel/job_directories.ts";
import { launch } from "../kernel/launch.ts";
import { sweep, terminate } from "../kernel/terminate.ts";
import type { JobStore } from "../store/job_store.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../system/log.ts";
import type { Processes } from "../system/processes.ts";
import type { Limits } from "./limits.ts";
import { Pulse } from "./pulse.ts";
import { readOutcome, readRequest, writeOutcome } from "./turn_files.ts";
import { type LaunchDependencies, prepareLaunch } from "./turn_launch.ts";
import { endText, TurnRun } from "./turn_run.ts";

/** Ms between two checks of a process that nothing has been heard of: the exit watch is much quicker. */
const LIVENESS_MS = 2_000;

/** Ms after which a commit or a write that failed (a full disk) is tried again. */
const RETRY_MS = 1_000;

export interface SupervisorOptions extends LaunchDependencies {
  store: JobStore;
  directories: JobDirectories;
  processes: Processes;
  clock: Clock;
  log: Log;
  limits: () => Limits;
  /** Commits the end of a turn with what follows it. */
  conclude: (job: Job, outcome: TurnOutcome) => Promise<void>;
  /** New events of a job can be read. */
  onEvents: (id: JobId) => void;
}

interface Watched {
  run: TurnRun;
  /** Fires to end the present sleep; renewed for each. */
  wake: AbortController;
  waiters: number;
  /** Age of the process, in ms, when its watch began, and the steady time then. */
  ageAtStart: number;
  startedAt: number;
  /** Steady ms of the last look at the process itself. */
  checkedAt: number;
  termination: Promise<void> | null;
  ended: Promise<void>;
}

export class Supervisor {
  #watched = new Map<JobId, Watched>();
  #pulse = new Pulse();
  #closed = new AbortController();

  constructor(readonly options: SupervisorOptions) {}

  /** The running turn of a job, for views. */
  run(id: JobId): TurnRun | null {
    return this.#watched.get(id)?.run ?? null;
  }

  /** Starts the process of a job that has just been committed as running. */
  async launch(accepted: Job): Promise<void> {
    const job = await this.options.store.get(accepted.id) ?? accepted;
    if (isJobIn(job, "running") && job.state.stop !== null) return await this.#endUnborn(job, null);
    const directory = this.options.directories.job(job.id);
    const request = readRequest(directory.turn(job.turn));
    const prepared = request === null
      ? { ok: false as const, failure: missingRequest() }
      : await prepareLaunch(job, request, directory, this.options);
    if (!prepared.ok || request === null) {
      if (!prepared.ok) await this.#endUnborn(job, prepared.failure);
      return;
    }
    const run = this.#open(job, prepared.driver);
    if (run === null) return;
    run.say("running", `turn ${job.turn}: ${prepared.driver.title}`, "before");
    try {
      const child = launch(prepared.launch);
      const watched = this.#watch(run, 0);
      child.status.finally(() => {
        run.wrapperEnded();
        watched.checkedAt = 0;
        watched.wake.abort();
      });
    } catch (error) {
      run.close();
      const message = error instanceof Error ? error.message : String(error);
      await this.#endUnborn(job, spawnFailure(message));
    }
  }

  /** Watches on over a turn that an earlier daemon launched; one that was never begun is launched. */
  async adopt(job: Job): Promise<void> {
    const directory = this.options.directories.job(job.id);
    const driver = this.options.catalog.driver(job.agent);
    const request = readRequest(directory.turn(job.turn));
    const finished = readOutcome(directory.turn(job.turn));
    if (finished !== null) return await this.options.conclude(job, finished);
    if (driver === null || request === null) {
      return await this.#endUnborn(job, missingRequest());
    }
    const run = this.#open(job, driver);
    if (run === null) return;
    if (run.process.exitRecord() === null && run.process.liveness() === "unborn") {
      run.close();
      return await this.launch(job);
    }
    const watched = this.#watch(run, run.process.ageMs() ?? 0);
    this.options.log.info("adopted a turn", { job: job.id, turn: job.turn });
    if (isJobIn(job, "running") && job.state.stop !== null) this.#terminate(watched);
  }

  /** Ends a running turn; the first cause wins. Resolves when the outcome is committed. */
  async stop(id: JobId, cause: StopCause): Promise<void> {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    await this.#stop(watched, cause);
    await watched.ended;
  }

  /** The exit record of a turn has appeared. */
  exited(id: JobId, turn: number): void {
    const watched = this.#watched.get(id);
    if (watched?.run.job.turn !== turn) return;
    watched.checkedAt = 0;
    watched.wake.abort();
  }

  /** Somebody waits for this job until the returned function is called: it is looked at more often. */
  attend(id: JobId): () => void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return () => {};
    watched.waiters++;
    this.#pulse.hurry();
    return () => watched.waiters--;
  }

  /** Stops watching; the turns go on. */
  async close(): Promise<void> {
    this.#closed.abort();
    for (const watched of this.#watched.values()) watched.wake.abort();
    await Promise.allSettled([...this.#watched.values()].map((watched) => watched.ended));
  }

  #previous(job: Job): TurnOutcome | null {
    if (job.previous_turn === null) return null;
    return readOutcome(this.options.directories.job(job.id).turn(job.previous_turn));
  }

  #open(job: Job, driver: AgentDriver): TurnRun | null {
    const directory = this.options.directories.job(job.id);
    const request = readRequest(directory.turn(job.turn));
    if (request === null) return null;
    const { clock, processes } = this.options;
    return new TurnRun({ job, request, directory, driver, previous: this.#previous(job), clock, processes });
  }

  #watch(run: TurnRun, ageMs: number): Watched {
    const now = this.options.clock.steady();
    const watched: Watched = {
      run,
      wake: new AbortController(),
      waiters: 0,
      ageAtStart: ageMs,
      startedAt: now,
      checkedAt: 0,
      termination: null,
      ended: Promise.resolve(),
    };
    this.#watched.set(run.job.id, watched);
    watched.ended = this.#supervise(watched).finally(() => {
      run.close();
      if (this.#watched.get(run.job.id) === watched) this.#watched.delete(run.job.id);
    });
    return watched;
  }

  async #supervise(watched: Watched): Promise<void> {
    const { run } = watched;
    while (!this.#closed.signal.aborted) {
      try {
        if (this.#looksOver(watched)) return await this.#finish(watched);
        const { added, more } = run.pump();
        if (added) this.options.onEvents(run.job.id);
        await this.#enforceLimits(watched);
        if (more) await new Promise((resolve) => setTimeout(resolve, 0));
        else await this.#sleep(watched);
      } catch (error) {
        this.options.log.error("cannot go on with a turn; trying again", {
          job: run.job.id,
          error: String(error),
        });
        await this.#sleep(watched, RETRY_MS);
      }
    }
  }

  #looksOver(watched: Watched): boolean {
    const now = this.options.clock.steady();
    if (now - watched.checkedAt < LIVENESS_MS && watched.checkedAt !== 0) return false;
    watched.checkedAt = now;
    return watched.run.isOver();
  }

  async #sleep(watched: Watched, ms?: number): Promise<void> {
    watched.wake = new AbortController();
    if (this.#closed.signal.aborted) return;
    const signal = watched.wake.signal;
    if (ms === undefined) return await this.#pulse.next({ eager: () => watched.waiters > 0, signal });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
  }

  async #enforceLimits(watched: Watched): Promise<void> {
    const limits = this.options.limits();
    const age = watched.ageAtStart + this.options.clock.steady() - watched.startedAt;
    const cause = watched.run.overLimit(limits, age);
    if (cause !== null && watched.termination === null) return await this.#stop(watched, cause);
    const overstays = watched.run.hasSpoken && watched.run.silentMs > limits.exitGraceSeconds * 1000;
    if (overstays && watched.termination === null) {
      watched.run.endedAfterGrace = true;
      this.#terminate(watched);
    }
  }

  async #stop(watched: Watched, cause: StopCause): Promise<void> {
    const { store, clock } = this.options;
    const { id, turn } = watched.run.job;
    await store.update(
      id,
      (job) =>
        isJobIn(job, "running") && job.turn === turn
          ? transition(job, { type: "stop", cause, at: clock.now() })
          : job,
    );
    this.#terminate(watched);
  }

  #terminate(watched: Watched): void {
    if (watched.termination !== null) return;
    const { run } = watched;
    watched.termination = terminate({
      turn: run.files,
      jobId: run.job.id,
      gracefulSignal: run.options.driver.gracefulSignal,
      processes: this.options.processes,
    }).then(({ survivors }) => {
      if (survivors > 0) this.options.log.error("processes survived", { job: run.job.id, survivors });
    }).catch((error) => {
      this.options.log.error("termination failed; trying again", { job: run.job.id, error: String(error) });
      watched.termination = null;
    }).finally(() => {
      watched.checkedAt = 0;
      watched.wake.abort();
    });
  }

  async #finish(watched: Watched): Promise<void> {
    const { run } = watched;
    // A ladder that is under way finishes first: it looks for what the agent left behind.
    await (watched.termination ?? sweep(run.job.id, this.options.processes));
    const job = await this.options.store.get(run.job.id);
    const stop = job !== null && isJobIn(job, "running") ? job.state.stop : null;
    const outcome = await run.finish(stop);
    writeOutcome(run.files, outcome);
    await this.options.conclude(run.job, outcome);
    this.options.onEvents(run.job.id);
  }

  /** Ends a turn whose process never came to be, for this failure or because it was stopped before. */
  async #endUnborn(job: Job, failure: Failure | null): Promise<void> {
    const { clock } = this.options;
    const driver = this.options.catalog.driver(job.agent);
    const previous = this.#previous(job);
    const verdict = judge({
      end: { kind: "vanished" },
      terminal: null,
      stop: isJobIn(job, "running") ? job.state.stop : null,
      endedAfterGrace: false,
      diagnosis: failure,
      stderrTail: "",
    });
    const outcome: TurnOutcome = {
      turn: job.turn,
      agent: job.agent,
      verdict,
      exit_code: null,
      started_at: null,
      finished_at: clock.now(),
      result: null,
      session_id: job.session_id,
      model: null,
      session_usage: previous?.session_usage ?? null,
      totals: previous?.totals ?? emptyTotals(),
      changed_files: false,
      possibly_truncated: false,
    };
    const run = driver === null ? null : this.#open(job, driver);
    run?.say(verdict.status, endText(job.turn, verdict), "after");
    run?.close();
    writeOutcome(this.options.directories.job(job.id).turn(job.turn), outcome);
    await this.options.conclude(job, outcome);
    this.options.onEvents(job.id);
  }
}

function emptyTotals() {
  return {
    usage: { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0, total_tokens: 0 },
    files_changed: [],
    commands_run: 0,
  };
}

function missingRequest(): Failure {
  return spawnFailure("The turn's request file is missing or damaged, or its agent is no longer known");
}

function spawnFailure(message: string): Failure {
  return { reason: "spawn_failed", message, hint: "Start the job again.", retry_at: null };
}
