/**
 * Room `scheduler`: which pending jobs start now, and what each of the others waits for. Pure: the same snapshot gives
 * the same answer.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import type { Job, JobOf } from "../../domain/job/job.ts";
import { ApprovalPolicy, mayWrite } from "../../domain/agent/policy.ts";
import type { JobStatus } from "../../domain/job/reason.ts";
import { treesMeet } from "../../domain/job/tree.ts";

export interface QueueSnapshot {
  readonly pending: readonly JobOf<"pending">[];
  readonly running: readonly Job[];
  /** Running jobs that do nothing but wait for an answer: they keep their tree, and take no slot. */
  readonly asking?: ReadonlySet<JobId>;
  /** Pids by which people are in the sessions of pending jobs. */
  readonly visitors?: ReadonlyMap<JobId, number>;
  /** Status of every job that a pending one names in `after`. A job that no longer exists is absent. */
  readonly dependencies: ReadonlyMap<JobId, JobStatus>;
  /** What every job waits for, with the time at which that ends by itself; `null` for nothing. */
  readonly hold?: { readonly waitingFor: string; readonly until: number } | null;
  /** Epoch ms. */
  readonly now: number;
}

export interface Picked {
  /** Jobs to launch, in this order. */
  readonly start: readonly JobId[];
  /** Pending jobs that can never start, each with the dependency that did not succeed. */
  readonly fail: readonly { id: JobId; dependency: JobId }[];
  /** Why each other pending job waits, in queue order. */
  readonly waiting: ReadonlyMap<JobId, string>;
  /** Agents of which no job starts, since one waits for their usage limit. */
  readonly held: ReadonlyMap<string, unknown>;
  /** Epoch ms when `pick` must be asked again: a time limit ends, or people may have left; `null` for none. */
  readonly wakeAt: number | null;
}

/** Ms between two looks at whether people have left the sessions that replies wait for. */
const VISIT_LOOK_MS = 1_000;

export const NOTHING_PICKED: Picked = {
  start: [],
  fail: [],
  waiting: new Map(),
  held: new Map(),
  wakeAt: null,
};

/** Goes by priority, then by age. A job that has to wait does not hold up those behind it. */
export function pick(snapshot: QueueSnapshot, limits: { total: number }): Picked {
  const deciding = { snapshot, total: limits.total, held: heldAgents(snapshot) };
  let waiting: Map<JobId, string> | null = null;
  return {
    ...decide(deciding, () => {}),
    held: deciding.held,
    wakeAt: earliest(snapshot),
    /** Collected when somebody asks: thousands of entries cost each round more than to decide. */
    get waiting() {
      if (waiting !== null) return waiting;
      const reasons = waiting = new Map<JobId, string>();
      decide(deciding, (id, reason) => reasons.set(id, reason));
      return reasons;
    },
  };
}

interface Deciding {
  readonly snapshot: QueueSnapshot;
  readonly total: number;
  readonly held: ReadonlyMap<string, number>;
}

/** @param waits is told why each job waits that does, in queue order */
function decide(
  { snapshot, total, held }: Deciding,
  waits: (id: JobId, reason: string) => void,
): Pick<Picked, "start" | "fail"> {
  const start: JobId[] = [];
  const fail: { id: JobId; dependency: JobId }[] = [];
  const active: Job[] = [...snapshot.running];
  const { asking = new Set<JobId>() } = snapshot;
  const said: Said = new Map();

  for (const job of inPrecedence(snapshot.pending)) {
    const failed = job.after.find((id) => hasFailed(snapshot.dependencies.get(id)));
    if (failed !== undefined) {
      fail.push({ id: job.id, dependency: failed });
      continue;
    }
    const reason = waitsForVersion(job) ?? waitsForTime(job, snapshot.now, held) ??
      waitsForJobs(job, snapshot) ?? waitsForVisitor(snapshot.visitors?.get(job.id)) ??
      snapshot.hold?.waitingFor ??
      waitsForTree(job, others(job, active), asking, said) ??
      waitsForSlot(withoutAsking(others(job, active), asking), total, said);
    if (reason === null) {
      start.push(job.id);
      active.push(job);
    } else {
      waits(job.id, reason);
    }
  }
  return { start, fail };
}

/** Sorted by {@link byPrecedence}; the same array where it is that already, as it nearly always is. */
function inPrecedence<T extends Job>(jobs: readonly T[]): readonly T[] {
  for (let index = 1; index < jobs.length; index++) {
    if (byPrecedence(jobs[index - 1]!, jobs[index]!) > 0) return jobs.toSorted(byPrecedence);
  }
  return jobs;
}

/** Compares jobs for sorting: higher priority first, then the older job. */
export function byPrecedence(a: Job, b: Job): number {
  return b.priority - a.priority || a.number - b.number;
}

/** Agents whose usage limit some job waits for, with its end in epoch ms. No job of such an agent starts before. */
function heldAgents(snapshot: QueueSnapshot): Map<string, number> {
  const held = new Map<string, number>();
  for (const job of snapshot.pending) {
    const until = job.state.not_before;
    if (until === null || until <= snapshot.now) continue;
    held.set(job.agent, Math.max(until, held.get(job.agent) ?? 0));
  }
  return held;
}

/** As `isKnownWord` tells it, for thousands of jobs in each round. */
const KNOWN_POLICIES: ReadonlySet<string> = new Set(ApprovalPolicy.options);

/** A job whose approval policy this version does not know stays pending: what it may do must not be guessed. */
function waitsForVersion({ approval_policy }: Job): string | null {
  return KNOWN_POLICIES.has(approval_policy)
    ? null
    : `a version of agent-async that knows the approval policy ${approval_policy}`;
}

function waitsForTime(job: JobOf<"pending">, now: number, held: ReadonlyMap<string, number>): string | null {
  const until = job.state.not_before;
  if (until !== null && until > now) {
    return `the usage limit of ${job.agent} to end at ${new Date(until).toISOString()}`;
  }
  const agentUntil = held.get(job.agent);
  return agentUntil === undefined || until !== null
    ? null
    : `the usage limit of ${job.agent} to end at ${new Date(agentUntil).toISOString()}`;
}

function waitsForJobs(job: Job, snapshot: QueueSnapshot): string | null {
  if (job.after.length === 0) return null;
  const open = job.after.filter((id) => snapshot.dependencies.get(id) !== "done");
  return open.length === 0 ? null : `${open.length === 1 ? "job" : "jobs"} ${open.join(", ")} to be done`;
}

function waitsForVisitor(pid: number | undefined): string | null {
  return pid === undefined
    ? null
    : `the person in its session to leave it (agent-async open, process ${pid})`;
}

/** The sentence for all that wait for one job, or for a slot: thousands that are alike share one text. */
type Said = Map<Job | number, string>;

function waitsForTree(
  job: Job,
  active: readonly Job[],
  asking: ReadonlySet<JobId>,
  said: Said,
): string | null {
  if (!writesBeside(job)) return null;
  const other = active.find((one) => writesBeside(one) && treesMeet(one.tree, job.tree));
  if (other === undefined) return null;
  const { id, tree: { root } } = other;
  return said.getOrInsertComputed(
    other,
    () => asking.has(id) ? `an answer to job ${id}` : `job ${id}, which may write in ${root}`,
  );
}

/** Whether the job may write in the directory that it was started in, and not only in a place of its own. */
function writesBeside({ approval_policy, isolation }: Job): boolean {
  return mayWrite(approval_policy) && isolation === undefined;
}

function withoutAsking(active: readonly Job[], asking: ReadonlySet<JobId>): readonly Job[] {
  return asking.size === 0 ? active : active.filter(({ id }) => !asking.has(id));
}

function waitsForSlot(active: readonly Job[], total: number, said: Said): string | null {
  if (total === 0) return "config.json to be corrected: `agent-async doctor` says what is wrong";
  const taken = active.length;
  if (taken < total) return null;
  return said.getOrInsertComputed(taken, () => `a slot: ${taken} of ${total} are taken`);
}

/** A dependency that was pruned counts as failed: whether it succeeded is not known any more. */
function hasFailed(status: JobStatus | undefined): boolean {
  return status === undefined || status === "error" || status === "cancelled";
}

/** Epoch ms at which the first usage limit or hold ends that a pending job waits for, or visitors are looked at again. */
function earliest({ pending, now, hold, visitors }: QueueSnapshot): number | null {
  const limits: number[] = [];
  for (const { state: { not_before: until } } of pending) {
    if (until !== null && until > now) limits.push(until);
  }
  const times = hold == null || pending.length === 0 ? limits : [...limits, hold.until];
  if (visitors !== undefined && visitors.size > 0) times.push(now + VISIT_LOOK_MS);
  return times.length === 0 ? null : Math.min(...times);
}

/**
 * The active jobs that can hold `job` back. The jobs inside which it was started are left out: they wait for it, and
 * they let it write where they may write.
 */
function others(job: Job, active: readonly Job[]): readonly Job[] {
  if (job.parent === null) return active;
  const around = new Set<JobId>();
  for (let id: JobId | null = job.parent; id !== null && !around.has(id);) {
    around.add(id);
    id = active.find((one) => one.id === id)?.parent ?? null;
  }
  return active.filter((one) => !around.has(one.id));
}
