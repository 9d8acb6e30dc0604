/**
 * Room `kernel`: ends a turn so that nothing of it is left running and its exit record is still written. No process
 * is signalled that was not recognised by its start time just before.
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

/** Ms between the graceful signal and SIGTERM. */
const GRACE_MS = 3_000;

/** Ms between SIGTERM and SIGKILL. */
const TERM_MS = 2_000;

/** Ms that a wrapper may take to write its exit record once its agent is dead. */
const RECORD_MS = 3_000;

/** Ms that a wrapper which has just been launched may take to claim its turn. */
const BIRTH_MS = 1_000;

/** Ms that killing may go on: a process in an uninterruptible system call dies only when that returns. */
const KILL_MS = 5_000;

/** Ms that a wrapper gets to leave once it has written its exit record; it takes one or two. */
const LEAVE_MS = 50;

/** Ms between looks at a wrapper that is leaving. Each is a look at a FIFO, of 40 µs. */
const LEAVE_LOOK_MS = 1;

export interface TerminateOptions {
  turn: TurnDirectory;
  jobId: string;
  /** What the agent itself takes as a request to stop and clean up. */
  gracefulSignal: "SIGINT" | "SIGTERM";
  processes: Processes;
  /** As of `JobProcesses`. */
  youth?: Youth | null;
  graceMs?: number;
  termMs?: number;
}

export interface Termination {
  /** Processes of the job that were running and are no more. */
  killed: number;
  /** Pids of those that could not be ended: they hang in the system, or have become another user's. */
  survivors: readonly number[];
}

/** Returns as soon as nothing is left. A turn that has ended already is only searched for what it left behind. */
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
 * Waits for a wrapper to leave whose exit record is there. Searched for at once, it would be found and killed in its
 * last instant, and every end of a job would wait for a second search.
 */
export async function untilWrapperLeaves(turnProcess: TurnProcess): Promise<void> {
  await until(() => turnProcess.liveness() !== "alive", LEAVE_MS, LEAVE_LOOK_MS);
}

/**
 * Kills what still carries the job's id, for a turn that ended by itself. Its wrapper must be gone, or have written
 * its exit record.
 */
export async function sweep(
  jobId: string,
  processes: Processes,
  youth: Youth | null = null,
): Promise<Termination> {
  const job = new JobProcesses({ jobId, processes, roots: [], youth });
  // All others on the machine have to be looked at: that is done beside other work, and is usually all.
  if (youth === null && processes.findMarker !== undefined) {
    const found = await processes.findMarker(JOB_VARIABLE, jobId);
    if (found.length === 0) return { killed: 0, survivors: [] };
  }
  return await killAll(job);
}

/** A turn that was launched an instant ago has no pid yet, though its wrapper already carries the job's id. */
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

/** SIGTERM to the group, which the wrapper leads and survives. One that has no agent yet will not start it. */
async function endGroup(group: Group, termMs: number): Promise<void> {
  const { job, wrapper, processes } = group;
  job.scan();
  if (members(group).length === 0 && !processes.isAlive(wrapper)) return;
  processes.signalGroup(wrapper.pid, "SIGTERM");
  await until(() => members(group).length === 0 && !processes.isAlive(wrapper), termMs);
}

/** SIGKILL to the agent and its group, the wrapper last, so that the exit record is still written. */
async function killGroup(group: Group): Promise<void> {
  const { job, wrapper, turnProcess, processes } = group;
  const leader = job.alive().find((row) => isSame(row, wrapper));
  // A stopped wrapper could not write.
  if (leader !== undefined) job.signal(leader, "SIGCONT");
  await until(() => {
    job.scan();
    const agent = group.agent ?? turnProcess.agent();
    for (const row of members(group)) {
      // A child of the wrapper's that is not the agent claims the turn, or is about to become the agent.
      if (row.ppid !== wrapper.pid || (agent !== null && isSame(row, agent))) job.signal(row, "SIGKILL");
    }
    return members(group).length === 0 && !processes.isAlive(wrapper);
  }, RECORD_MS);
}

/** SIGKILL to whatever belongs to the job, until a look at all processes finds nothing more. */
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

/** Live processes of the wrapper's group, the wrapper itself left out. */
function members(group: Group): ProcessRow[] {
  return group.job.alive().filter((row) => row.pgid === group.wrapper.pid && !isSame(row, group.wrapper));
}

function isSame(row: ProcessRow, identity: ProcessIdentity): boolean {
  return row.pid === identity.pid && row.startTime === identity.startTime;
}
