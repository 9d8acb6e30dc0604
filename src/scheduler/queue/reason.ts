/**
 * Room `scheduler`: what a pending job waits for, as a sentence goes on: "waits for ...". Pure, as `pick` is, which goes by
 * it.
 *
 * @module
 */
import { ApprovalPolicy, mayWrite } from "../../domain/agent/policy.ts";
import type { JobId } from "../../domain/job/ids.ts";
import type { Job, JobOf } from "../../domain/job/job.ts";
import type { JobStatus } from "../../domain/job/reason.ts";
import { treesMeet } from "../../domain/job/tree.ts";
import type { PendingJobs } from "./pending_jobs.ts";

export interface QueueSnapshot {
  readonly pending: PendingJobs;
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

/** What a round decides by. */
export interface Deciding {
  readonly snapshot: QueueSnapshot;
  /** Jobs that may run at once. */
  readonly total: number;
  /** Agents whose usage limit some job waits for, with its end in epoch ms. */
  readonly held: ReadonlyMap<string, number>;
  /** The sentence for all that wait for one job, or for a slot: thousands that are alike share one text. */
  readonly said: Map<Job | number, string>;
}

/**
 * @param active the running jobs, and those that the round starts before this one
 * @returns `null` when the job may start
 */
export function reasonToWait(
  job: JobOf<"pending">,
  active: readonly Job[],
  deciding: Deciding,
): string | null {
  const { snapshot, held } = deciding;
  return waitsForVersion(job) ?? waitsForTime(job, snapshot.now, held) ?? waitsForJobs(job, snapshot) ??
    waitsForVisitor(snapshot.visitors?.get(job.id)) ?? snapshot.hold?.waitingFor ??
    waitsForOthers(job, others(job, active), deciding);
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

function waitsForOthers(job: Job, active: readonly Job[], deciding: Deciding): string | null {
  const { asking = NOBODY } = deciding.snapshot;
  return waitsForTree(job, active, { asking, said: deciding.said }) ??
    waitsForSlot(withoutAsking(active, asking), deciding);
}

const NOBODY: ReadonlySet<JobId> = new Set();

function waitsForTree(
  job: Job,
  active: readonly Job[],
  { asking, said }: { asking: ReadonlySet<JobId>; said: Deciding["said"] },
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

function waitsForSlot(active: readonly Job[], { total, said }: Deciding): string | null {
  if (total === 0) return "config.json to be corrected: `agent-async doctor` says what is wrong";
  const taken = active.length;
  if (taken < total) return null;
  return said.getOrInsertComputed(taken, () => `a slot: ${taken} of ${total} are taken`);
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
