/**
 * Room `scheduler`: people who are in the session of a job with the agent's own program. As long as one is, no turn of
 * the job begins, and its place stays as it is. Rule of this file: who is there is known from processes that live, noted
 * in the job's directory: no death of a daemon, or of the command line that a person used, loses or keeps a visit.
 *
 * @module
 */
import * as z from "zod";
import { AgentAsyncError } from "../domain/errors.ts";
import type { JobId } from "../domain/job/ids.ts";
import { parsedJson } from "../domain/reading/parsed_json.ts";
import type { JobDirectories } from "../kernel/job_directories.ts";
import { ifOurs, removeIfExists, writeAtomically } from "../system/files/files.ts";
import { readTextIfOurs } from "../system/files/is_there.ts";
import type { Processes, ProcessIdentity } from "../system/processes/processes.ts";
import type { PendingJobs } from "./queue/pending_jobs.ts";

/** The command line that a person used, and the agent's program that it runs. */
const VisitFile = z.object({
  processes: z.array(z.object({ pid: z.number(), startTime: z.string(), bootId: z.string() })),
});

export interface VisitsOptions {
  directories: JobDirectories;
  processes: Processes;
}

export class Visits {
  constructor(private readonly options: VisitsOptions) {}

  /** The pid of a process by which a person is in the job's session; `null` when nobody is. */
  visitor(id: JobId): number | null {
    return this.#living(id)[0]?.pid ?? null;
  }

  /** Pids of visitors by job. */
  of({ continued }: Pick<PendingJobs, "continued">): Map<JobId, number> {
    const visitors = new Map<JobId, number>();
    for (const { id } of continued) {
      const pid = this.visitor(id);
      if (pid !== null) visitors.set(id, pid);
    }
    return visitors;
  }

  /**
   * Notes that a person is in the job's session for as long as the process lives. To be called under the job's lock.
   *
   * @throws what the file system says; then nobody is noted
   */
  begin(id: JobId, pid: number): void {
    const process = this.options.processes.identify(pid);
    if (process === null) return;
    const others = this.#living(id).filter((one) => one.pid !== pid);
    writeAtomically(this.#file(id), JSON.stringify({ processes: [...others, process] }));
  }

  /** @param cannot what cannot be done to the job: "apply". @throws {AgentAsyncError} `conflict` while a person is there */
  requireNobody(id: JobId, cannot: string): void {
    const pid = this.visitor(id);
    if (pid === null) return;
    throw new AgentAsyncError(
      "conflict",
      `Cannot ${cannot} job ${id}: a person is in its session (agent-async open, process ${pid})`,
      { hint: "It can be done as soon as the agent's program at that terminal has ended." },
    );
  }

  #living(id: JobId): ProcessIdentity[] {
    const file = this.#file(id);
    const text = readTextIfOurs(file);
    if (text === null) return [];
    const visit = VisitFile.safeParse(parsedJson(text)).data;
    const living = visit?.processes.filter((process) => this.options.processes.isAlive(process)) ?? [];
    if (living.length === 0) ifOurs(() => removeIfExists(file));
    return living;
  }

  #file(id: JobId): string {
    return this.options.directories.job(id).visitFile;
  }
}
