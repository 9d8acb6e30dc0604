/**
 * Room `scheduler`: which pending jobs start now, and which others wait. Pure: the same snapshot gives the same answer.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import type { Job } from "../../domain/job/job.ts";
import type { JobStatus } from "../../domain/job/reason.ts";
import { Line } from "./line.ts";
import { type Deciding, type QueueSnapshot, reasonToWait } from "./reason.ts";

export interface Picked {
  /** Jobs to launch, in this order. */
  readonly start: readonly JobId[];
  /** Pending jobs that can never start, each with the dependency that did not succeed. */
  readonly fail: readonly { id: JobId; dependency: JobId }[];
  /** The other pending jobs. */
  readonly line: Line;
  /** Agents of which no job starts, since one waits for their usage limit. */
  readonly held: ReadonlyMap<string, unknown>;
  /** Epoch ms when `pick` must be asked again: a time limit ends, or people may have left; `null` for none. */
  readonly wakeAt: number | null;
}

/** Ms between two looks at whether people have left the sessions that replies wait for. */
const VISIT_LOOK_MS = 1_000;

/** Goes by priority, then by age. A job that has to wait does not hold up those behind it. */
export function pick(snapshot: QueueSnapshot, { total }: { total: number }): Picked {
  const deciding: Deciding = { snapshot, total, held: heldAgents(snapshot), said: new Map() };
  const { running, dependencies, pending: { inOrder, kinds } } = snapshot;
  const [started, failed]: [number[], number[]] = [[], []];
  const fail: { id: JobId; dependency: JobId }[] = [];
  const active: Job[] = [...running];
  /** Of jobs that wait already. */
  const waiting = new Set<number>();
  for (let place = 0; place < inOrder.length; place++) {
    const kind = kinds[place]!;
    if (kind !== null && waiting.has(kind)) continue;
    const job = inOrder[place]!;
    const dependency = job.after.find((id) => hasFailed(dependencies.get(id)));
    if (dependency !== undefined) {
      failed.push(place);
      fail.push({ id: job.id, dependency });
    } else if (reasonToWait(job, active, deciding) === null) {
      started.push(place);
      active.push(job);
    } else if (kind !== null) {
      waiting.add(kind);
    }
  }
  return {
    start: active.slice(running.length).map(({ id }) => id),
    fail,
    line: new Line({
      pending: inOrder,
      started,
      failed,
      reasonToWait: (job, before) => reasonToWait(job, [...running, ...before], deciding),
    }),
    held: deciding.held,
    wakeAt: earliest(snapshot),
  };
}

/** A dependency that was pruned counts as failed: whether it succeeded is not known any more. */
function hasFailed(status: JobStatus | undefined): boolean {
  return status === undefined || status === "error" || status === "cancelled";
}

/** Agents whose usage limit some job waits for, with its end in epoch ms. No job of such an agent starts before. */
function heldAgents(snapshot: QueueSnapshot): Map<string, number> {
  const held = new Map<string, number>();
  for (const job of snapshot.pending.timed) {
    const until = job.state.not_before;
    if (until === null || until <= snapshot.now) continue;
    held.set(job.agent, Math.max(until, held.get(job.agent) ?? 0));
  }
  return held;
}

/** Epoch ms at which the first usage limit or hold ends that a pending job waits for, or visitors are looked at again. */
function earliest({ pending, now, hold, visitors }: QueueSnapshot): number | null {
  const limits: number[] = [];
  for (const { state: { not_before: until } } of pending.timed) {
    if (until !== null && until > now) limits.push(until);
  }
  const times = hold == null || pending.inOrder.length === 0 ? limits : [...limits, hold.until];
  if (visitors !== undefined && visitors.size > 0) times.push(now + VISIT_LOOK_MS);
  return times.length === 0 ? null : Math.min(...times);
}
