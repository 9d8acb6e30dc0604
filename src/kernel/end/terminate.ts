/**
 * Room `kernel`: ends a turn so that none of its processes is left and its exit record is still written. A process is
 * signalled only when its start time was compared just before, since its pid may have been given to another one.
 *
 * @module
 */
import type { Processes, ProcessIdentity, ProcessRow } from "../../system/processes/processes.ts";
import type { Youth } from "../../system/processes/young_pids.ts";
import { JobProcesses } from "../job_processes.ts";
import type { TurnDirectory } from "../turn_directory.ts";
import { TurnProcess } from "../turn_process.ts";
import { until } from "../until.ts";
import { JOB_VARIABLE } from "../../domain/job/job_variables.ts";

/** Ms between the graceful signal and SIGTERM: the grace period. */
const GRACE_MS = 3_000;

/** Ms between SIGTERM and SIGKILL. */
const TERM_MS = 2_000;

/** Ms that a wrapper may take to write its exit record once its agent is dead. */
const RECORD_MS = 3_000;

/** Ms that a wrapper which has just been launched may take to claim its turn. */
const BIRTH_MS = 1_000;

/** Ms that killing may go on: a process in an uninterruptible system call dies only when that returns. */
const KILL_MS = 5_000;

/** Ms that a wrapper may take to exit once it has written its exit record; it takes one or two. */
const LEAVE_MS = 50;

/** Ms between polls for a wrapper's exit. A poll costs 40 µs. */
const LEAVE_LOOK_MS = 1;

export interface TerminateOptions {
  turn: TurnDirectory;
  jobId: string;
  /** The signal that asks the agent to clean up and stop; it goes to the agent's own process only. */
  gracefulSignal: "SIGINT" | "SIGTERM";
  processes: Processes;
  /** When the wrapper started, if this daemon started it. Processes older than that are not looked at. */
  youth?: Youth | null;
  /** Ms between the graceful signal and SIGTERM; default 3,000. */
  graceMs?: number;
  /** Ms between SIGTERM and SIGKILL; default 2,000. */
  termMs?: number;
}

export interface Termination {
  /** How many processes of the job were running and have ended. */
  killed: number;
  /** Pids of those that could not be ended: they hang in a system call, or now belong to another user. */
  survivors: readonly number[];
}

/**
 * Ends the turn: the graceful signal to its agent, then SIGTERM, then SIGKILL to all its processes. Returns as soon as
 * none is left. For a turn that has ended already, only the processes that it left behind are killed.
 */
export async function terminate(options: TerminateOptions): Promise<Termination> {
  const { turn, jobId, processes, youth = null, graceMs = GRACE_MS, termMs = TERM_MS } = options;
  if (processes.onlyTrees === true) {
    const { terminateTree } = await import("./terminate_tree.ts");
    return await terminateTree(options);
  }
  const turnProcess = new TurnProcess(turn, processes);
  await birth(turnProcess, jobId, processes);
  const wrapper = turnProcess.identity();
  const agent = turnProcess.agent();
  const roots = [wrapper, agent].filter((root) => root !== null);
  const job = new JobProcesses({ jobId, processes, roots, youth });
  job.scan();
  if (agent !== null && processes.isAlive(agent)) {
    processes.signal(agent.pid, options.gracefulSignal);
    await until(() => !roots.some((root) => processes.isAlive(root)), graceMs);
  }
  if (wrapper !== null) {
    const group = { job, wrapper, agent, turnProcess, processes };
    await endGroup(group, termMs);
    await killGroup(group);
  }
  return await killAll(job);
}

/**
 * Waits at most 50 ms for a wrapper to exit that has written its exit record. Without this, {@link sweep} would find
 * and kill it in its last instant, and each end of a job would cost a second search.
 */
export async function untilWrapperLeaves(turnProcess: TurnProcess): Promise<void> {
  await until(() => turnProcess.liveness() !== "alive", LEAVE_MS, LEAVE_LOOK_MS);
}

/**
 * Kills the processes that still carry the job's id, after a turn that ended by itself. The turn's wrapper must be
 * gone, or have written its exit record.
 */
export async function sweep(
  jobId: string,
  processes: Processes,
  youth: Youth | null = null,
): Promise<Termination> {
  const job = new JobProcesses({ jobId, processes, roots: [], youth });
  // Without `youth` all processes of the machine are looked at, so the first search is asynchronous. It usually finds
  // none.
  if (youth === null && processes.findMarker !== undefined) {
    const found = await processes.findMarker(JOB_VARIABLE, jobId);
    if (found.length === 0) return { killed: 0, survivors: [] };
  }
  return await killAll(job);
}

/** Waits until a wrapper that was launched just before has written its pid. It already carries the job's id. */
async function birth(turn: TurnProcess, jobId: string, processes: Processes): Promise<void> {
  if (turn.liveness() !== "unborn") return;
  const job = new JobProcesses({ jobId, processes, roots: [] });
  job.scan();
  await until(() => turn.liveness() !== "unborn" || job.alive().length === 0, BIRTH_MS);
}

interface Group {
  job: JobProcesses;
  wrapper: ProcessIdentity;
  agent: ProcessIdentity | null;
  turnProcess: TurnProcess;
  processes: Processes;
}

/**
 * Sends SIGTERM to the process group that the wrapper leads. The wrapper survives it. One that has not started its
 * agent yet will not start it.
 */
async function endGroup(group: Group, termMs: number): Promise<void> {
  const { job, wrapper, processes } = group;
  job.scan();
  if (members(group).length === 0 && !processes.isAlive(wrapper)) return;
  processes.signalGroup(wrapper.pid, "SIGTERM");
  await until(() => members(group).length === 0 && !processes.isAlive(wrapper), termMs);
}

/** Sends SIGKILL to the agent and its process group, but not to the wrapper, which still writes the exit record. */
async function killGroup(group: Group): Promise<void> {
  const { job, wrapper, turnProcess, processes } = group;
  const leader = job.alive().find((row) => isSame(row, wrapper));
  // A wrapper that was stopped (SIGSTOP) could not write its record.
  if (leader !== undefined) job.signal(leader, "SIGCONT");
  await until(() => {
    job.scan();
    const agent = group.agent ?? turnProcess.agent();
    for (const row of members(group)) {
      // Another child of the wrapper is spared: it is a step of the wrapper's own, or is about to become the agent.
      if (row.ppid !== wrapper.pid || (agent !== null && isSame(row, agent))) job.signal(row, "SIGKILL");
    }
    return members(group).length === 0 && !processes.isAlive(wrapper);
  }, RECORD_MS);
}

/** Sends SIGKILL to all processes of the job, until a scan finds none or 5 s have passed. */
async function killAll(job: JobProcesses): Promise<Termination> {
  await until(() => {
    job.scan();
    const alive = job.alive();
    for (const row of alive) job.signal(row, "SIGKILL");
    return alive.length === 0;
  }, KILL_MS);
  const survivors = job.alive().map((row) => row.pid);
  return { killed: job.count - survivors.length, survivors };
}

/** The live processes of the wrapper's process group, without the wrapper. */
function members(group: Group): ProcessRow[] {
  return group.job.alive().filter((row) => row.pgid === group.wrapper.pid && !isSame(row, group.wrapper));
}

function isSame(row: ProcessRow, identity: ProcessIdentity): boolean {
  return row.pid === identity.pid && row.startTime === identity.startTime;
}
