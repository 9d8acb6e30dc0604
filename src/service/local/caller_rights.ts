/**
 * Room `service`, part of `LocalService`: what a caller may do, which depends on the job that it runs in. Rule of this
 * file: a caller inside a job changes only jobs that this job has started, and gives them no more rights than it has.
 *
 * @module
 */
import { AgentAsyncError, invalidArgument } from "../../domain/errors.ts";
import { JobId } from "../../domain/job/ids.ts";
import type { Job } from "../../domain/job/job.ts";
import { JOB_VARIABLE } from "../../domain/job/job_variables.ts";
import { type ApprovalPolicy, cappedPolicy, isWithinPolicy } from "../../domain/agent/policy.ts";
import { isFinished } from "../../domain/job/reason.ts";
import type { Processes, ProcessRow } from "../../system/processes/processes.ts";
import type { Caller } from "../call.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";

/**
 * The job inside of which the caller runs; `null` for one outside. The caller's ancestors decide. Where they lead to no
 * job (a process that left them), the mark does that they were started with, and where the system tells neither, the
 * one that the caller names.
 */
export async function jobAround(
  caller: Caller | undefined,
  mark: string | undefined,
  { scheduler, store }: LocalDependencies,
): Promise<Job | null> {
  if (caller === undefined) return await markedJob(mark, store);
  const { supervisor, options: { processes } } = scheduler;
  const lookAgain = () => caller.pid === null ? [] : processes.ancestry(caller.pid);
  const ancestry = ANCESTRIES.get(caller) ?? lookAgain();
  // One that does not lead to the first process of the system may have been cut off by a failure to read.
  if (ancestry.at(-1)?.ppid === 0) ANCESTRIES.set(caller, ancestry);
  // What has ended since may have left the number of its session to a job.
  const found = supervisor.jobAround(ancestry) === null ? null : supervisor.jobAround(lookAgain());
  if (found !== null) return await store.get(found);
  for (const process of ancestry) {
    const job = await markedJob(markOf(process, caller, processes), store);
    if (job !== null && !isFinished(job.state.status)) return job;
  }
  return await markedJob(mark ?? caller.claimedJob, store);
}

/**
 * The ancestors of callers as they were at their first call. Nobody gets into a job that began later: a process loses
 * ancestors and gets none but those that adopt orphans among them, and enters no session of others.
 */
const ANCESTRIES = new WeakMap<Caller, readonly ProcessRow[]>();

/** The marks of a caller's ancestors by pid and start time: a process keeps the environment that it began with. */
const MARKS = new WeakMap<Caller, Map<string, string | null>>();

/** The job that a process was started in, by its environment, which is read once for all calls of a connection. */
function markOf({ pid, startTime }: ProcessRow, caller: Caller, processes: Processes): string | null {
  const read = () => {
    // Its pid may be another process's by now.
    const isSame = processes.identify(pid)?.startTime === startTime;
    return isSame ? processes.variable?.(pid, JOB_VARIABLE) ?? null : null;
  };
  return MARKS.getOrInsertComputed(caller, () => new Map()).getOrInsertComputed(`${pid} ${startTime}`, read);
}

async function markedJob(
  mark: string | null | undefined,
  store: LocalDependencies["store"],
): Promise<Job | null> {
  const marked = JobId.safeParse(mark);
  return marked.success ? await store.get(marked.data) : null;
}

/**
 * @param job the one that is to be changed
 * @param verb what is to be done to it: "cancel"
 * @throws {AgentAsyncError} `conflict` from inside a job that has not started it, directly or through others.
 */
export async function requireOwn(
  job: Job,
  verb: string,
  { around, allowsSelf = false, dependencies }: {
    around: Job | null;
    allowsSelf?: boolean;
    dependencies: LocalDependencies;
  },
): Promise<void> {
  // The caller's environment may still name a job that has ended: that limits nothing.
  if (around === null || isFinished(around.state.status) || (allowsSelf && job.id === around.id)) return;
  for (let parent = job.parent; parent !== null;) {
    if (parent === around.id) return;
    parent = (await dependencies.store.get(parent))?.parent ?? null;
  }
  throw new AgentAsyncError(
    "conflict",
    `Cannot ${verb} job ${job.id} from inside job ${around.id}: it did not start it`,
    {
      hint:
        "From inside a job only the jobs that it has started itself can be changed; leave this one alone.",
    },
  );
}

/** As {@link requireOwn}, for the id of a request. @throws {AgentAsyncError} `not_found` as well. */
export async function requireOwnJob(
  { job_id, verb, allowsSelf = false }: { job_id: string; verb: string; allowsSelf?: boolean },
  caller: Caller | undefined,
  { mark, dependencies }: { mark?: string | undefined; dependencies: LocalDependencies },
): Promise<Job | null> {
  const around = await jobAround(caller, mark, dependencies);
  if (around === null) return null;
  const job = await findJobOrThrow(dependencies.store, job_id);
  await requireOwn(job, verb, { around, allowsSelf, dependencies });
  return around;
}

/** @throws {AgentAsyncError} `conflict` from inside a job: what it would remove is others'. */
export async function requireOutside(
  caller: Caller | undefined,
  dependencies: LocalDependencies,
): Promise<void> {
  const around = await jobAround(caller, undefined, dependencies);
  if (around === null || isFinished(around.state.status)) return;
  throw new AgentAsyncError("conflict", `Cannot remove jobs from inside job ${around.id}`, {
    hint: "Leave that to whoever started it, or to the retention that the configuration sets.",
  });
}

/**
 * The policy of a turn that is asked for from inside a job, which gives no more than it has.
 *
 * @param asked `undefined` for what is not asked for by name: then it is `otherwise`, or what the job itself has
 * @throws {AgentAsyncError} `invalid_argument` for one that is asked for and more.
 */
export function policyInside(
  around: Job | null,
  asked: ApprovalPolicy | undefined,
  otherwise: ApprovalPolicy,
): ApprovalPolicy {
  const policy = asked ?? otherwise;
  if (around === null || isFinished(around.state.status)) return policy;
  const cap = around.approval_policy;
  if (asked === undefined) return cappedPolicy(policy, cap);
  if (isWithinPolicy(asked, cap)) return asked;
  throw invalidArgument(
    "approval_policy",
    `${asked} is more than job ${around.id} has itself (${cap}), inside of which this call was made`,
    `Use ${cap}, or leave it out.`,
  );
}
