/**
 * Room `cli`: the same task for several agents, each in a place of its own: who passes, and who is the winner.
 *
 * @module
 */
import { JOB_ID_ALPHABET, JOB_ID_LENGTH } from "../../domain/job/ids.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { JobService } from "../../service/job_service.ts";
import type { StartRequest } from "../../service/requests.ts";
import { randomId } from "../../system/ids.ts";

/** Seconds of one wait; another follows. */
const WAIT_SECONDS = 100;

export interface RaceOptions {
  readonly service: JobService;
  /** Ends the watching; the jobs go on. */
  readonly signal: AbortSignal;
  /** Whether the first that passes ends the others. */
  readonly isFirst: boolean;
  /** Called for each that has ended. */
  readonly onEnd: (job: JobResult) => Promise<void>;
}

/** Starts one job for each agent; all have the group. A start that is refused ends those that were accepted. */
export async function startRace(
  request: Omit<StartRequest, "agent" | "isolation" | "group">,
  agents: readonly string[],
  service: JobService,
): Promise<{ group: string; ids: string[] }> {
  const group = randomId(JOB_ID_ALPHABET, JOB_ID_LENGTH);
  const ids: string[] = [];
  try {
    for (const agent of agents) {
      const { job_id } = await service.start({ ...request, agent, group, isolation: "worktree" });
      ids.push(job_id);
    }
  } catch (error) {
    await Promise.all(ids.map((job_id) => service.cancel({ job_id })));
    throw error;
  }
  return { group, ids };
}

/** The results in the order in which the jobs ended. */
export async function watchRace(
  ids: readonly string[],
  { service, signal, isFirst, onEnd }: RaceOptions,
): Promise<JobResult[]> {
  const ended: JobResult[] = [];
  let left = [...ids];
  while (left.length > 0) {
    const { jobs } = await service.wait(
      { job_ids: left, timeout_seconds: WAIT_SECONDS, tail_lines: 0, with_money: true },
      { signal },
    );
    for (const job of jobs) {
      ended.push(job);
      await onEnd(job);
    }
    left = left.filter((id) => !jobs.some(({ job_id }) => job_id === id));
    if (isFirst && ended.some(hasPassed) && left.length > 0) {
      await Promise.all(left.map((job_id) => service.cancel({ job_id })));
    }
  }
  return ended;
}

/** Whether the job did its work: it is done, which a check that failed would have kept it from being. */
export function hasPassed({ status }: JobResult): boolean {
  return status === "done";
}

/** Of those that passed the one with the fewest doubts, and of these the one that ended first; `null` when none passed. */
export function winnerOf(ended: readonly JobResult[]): JobResult | null {
  const doubts = ({ evidence }: JobResult) => evidence?.doubts.length ?? 0;
  return ended.filter(hasPassed).toSorted((a, b) => doubts(a) - doubts(b))[0] ?? null;
}
