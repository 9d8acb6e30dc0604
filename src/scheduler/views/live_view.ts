/**
 * Room `scheduler`: what only the daemon knows of a job, from memory: what it waits for and what its agent is doing.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import type { LiveView } from "../../domain/job/shown_job.ts";
import type { Queue } from "../queue/queue.ts";
import type { Supervisor } from "../supervisor.ts";

export interface LiveSources {
  queue: Pick<Queue, "line">;
  supervisor: Supervisor;
}

export function liveView(job: Job, { queue, supervisor }: LiveSources): LiveView {
  const run = supervisor.run(job.id);
  if (job.state.status === "pending") return { waitingFor: queue.line.reason(job) };
  const waitingFor = supervisor.waitsFor(job.id);
  if (waitingFor !== undefined && job.state.status === "running") {
    return { activity: "starting", waitingFor };
  }
  if (run === null || run.job.turn !== job.turn || job.state.status !== "running") return {};
  return {
    activity: job.state.stop === null ? run.output.activity : "ending",
    lastEventAt: run.output.lastEventAt ?? undefined,
    clockJumpMs: run.clockJumpMs,
  };
}
