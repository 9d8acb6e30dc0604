/**
 * Room `scheduler`: reads the facts of ended jobs from their directories, for the statistics. Rule of this file: it
 * reads no outcome twice, and yields between jobs, since there may be thousands.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import { checkCourses } from "../../domain/job/check_course.ts";
import { finishedAt, type Job, reasonOf } from "../../domain/job/job.ts";
import type { JobFact, TurnFact } from "../../domain/statistics.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { JobStore } from "../../store/job_store.ts";
import { Slices } from "../../system/yielding/slices.ts";
import { loadPrices } from "../money/prices.ts";
import { spentInEnded } from "../money/turn_spending.ts";
import { endedTurns } from "../turn/ended_turns.ts";
import { readRequest } from "../turn/files.ts";

export interface EndedJobsSources {
  readonly store: JobStore;
  readonly directories: JobDirectories;
}

export class EndedJobs {
  /** Facts read so far. They hold while the job's time of end is the same: only a reply changes an ended job. */
  #known = new Map<JobId, JobFact>();

  constructor(readonly sources: EndedJobsSources) {}

  /**
   * Facts of the jobs that ended at `since` or later, in no order.
   *
   * @param since epoch ms
   * @throws the signal's reason when it is aborted
   */
  async endedSince(since: number, signal?: AbortSignal): Promise<JobFact[]> {
    const { store } = this.sources;
    await loadPrices();
    const known = new Map<JobId, JobFact>();
    const slices = new Slices();
    for (const status of ["done", "error", "cancelled"] as const) {
      for await (const job of store.inStatus(status)) {
        const ended = finishedAt(job) ?? 0;
        if (ended < since) continue;
        const before = this.#known.get(job.id);
        known.set(job.id, before?.finishedAt === ended ? before : this.#read(job, status));
        signal?.throwIfAborted();
        await slices.pause();
      }
    }
    // Forgets pruned jobs. Keeps the facts from before `since`: a later call may ask for a longer time.
    for (const [id, fact] of this.#known) if (fact.finishedAt < since) known.set(id, fact);
    this.#known = known;
    return [...known.values()].filter((fact) => fact.finishedAt >= since);
  }

  #read(job: Job, status: JobFact["status"]): JobFact {
    const ended = finishedAt(job) ?? 0;
    const turns = this.#turns(job);
    return {
      agent: job.agent,
      model: turns.length === 0 ? this.#asked(job) : turns.at(-1)?.model ?? null,
      cwd: job.cwd,
      project: job.tree.root,
      finishedAt: ended,
      status,
      reason: reasonOf(job) ?? "lost",
      turns,
    };
  }

  /** The model of a job that never ran. */
  #asked(job: Job): string | null {
    return readRequest(this.sources.directories.job(job.id).turn(job.turn))?.model ?? null;
  }

  #turns(job: Job): TurnFact[] {
    const directory = this.sources.directories.job(job.id);
    const turns = job.last_turn === 1 ? [1] : directory.turns();
    const ended = endedTurns(directory, turns);
    const courses = checkCourses(ended.map(({ outcome }) => outcome));
    return ended.map(({ outcome, startedAt, usage, commandsRun }, index) => ({
      spent: spentInEnded({ outcome, usage }),
      check: courses[index],
      agent: outcome.agent,
      model: outcome.model,
      finishedAt: outcome.finished_at,
      seconds: Math.max(0, outcome.finished_at - startedAt - (outcome.clock_jump_ms ?? 0)) / 1_000,
      usage,
      commandsRun,
    }));
  }
}
