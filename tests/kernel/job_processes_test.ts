import assert from "node:assert/strict";
import { JobProcesses } from "../../src/kernel/job_processes.ts";
import type { Processes, ProcessIdentity, ProcessRow } from "../../src/system/processes/processes.ts";

/** A machine on paper: constellations that a test cannot be in itself. */
class PaperProcesses implements Processes {
  constructor(readonly rows: ProcessRow[], readonly marked: readonly number[] = []) {}

  identify(pid: number): ProcessIdentity | null {
    const row = this.rows.find((row) => row.pid === pid);
    return row === undefined ? null : { pid, startTime: row.startTime, bootId: "boot" };
  }
  isAlive(identity: ProcessIdentity): boolean {
    return this.identify(identity.pid)?.startTime === identity.startTime;
  }
  ageMs = () => 0;
  ancestry: Processes["ancestry"] = () => [];
  table = () => this.rows;
  withMarker = () => [...this.marked];
  signal = () => false;
  signalGroup = () => false;
}

function row(pid: number, ppid: number, sid: number, startTime = `t${pid}`): ProcessRow {
  return { pid, ppid, pgid: sid, sid, startTime, state: "S", command: "x" };
}

const self = Deno.pid;
const root = (pid: number, startTime = `t${pid}`) => ({ pid, startTime, bootId: "boot" });

function found(processes: Processes, roots: ProcessIdentity[]): number[] {
  const job = new JobProcesses({ jobId: "abcd1234", processes, roots });
  job.scan();
  return job.alive().map((row) => row.pid).sort((a, b) => a - b);
}

Deno.test("JobProcesses: the job's tree and sessions, not the daemon above it nor other jobs beside it", () => {
  const processes = new PaperProcesses([
    row(1, 0, 1),
    row(self, 1, self),
    row(5_000_200, self, 5_000_200),
    row(5_000_201, 5_000_200, 5_000_200),
    row(5_000_202, 1, 5_000_200),
    row(5_000_203, 5_000_201, 5_000_203),
    row(5_000_204, 1, 5_000_203),
    row(5_000_300, self, 5_000_300),
    row(5_000_301, 5_000_300, 5_000_300),
  ]);
  const expected = [5_000_200, 5_000_201, 5_000_202, 5_000_203, 5_000_204];
  assert.deepEqual(found(processes, [root(5_000_200)]), expected);
});

Deno.test("JobProcesses: a daemon started from inside the job is spared with its other jobs, what is above it is not", () => {
  const rows = [
    row(1, 0, 1),
    row(5_000_100, 1, 5_000_100),
    row(5_000_200, 5_000_100, 5_000_200),
    row(5_000_201, 5_000_200, 5_000_200),
    row(5_000_202, 5_000_201, 5_000_200),
    row(self, 5_000_202, self),
    row(5_000_300, self, 5_000_300),
    row(5_000_301, 5_000_300, 5_000_300),
  ];
  const expected = [5_000_200, 5_000_201, 5_000_202];
  assert.deepEqual(found(new PaperProcesses(rows), [root(5_000_200)]), expected);
  assert.deepEqual(found(new PaperProcesses(rows, [5_000_200, 5_000_201, 5_000_202, self]), []), expected);
});

Deno.test("JobProcesses: neither this process nor those above it, though they carry the job's id", () => {
  const processes = new PaperProcesses([
    row(1, 0, 1),
    row(5_000_100, 1, 5_000_100),
    row(self, 5_000_100, 5_000_100),
    row(5_000_300, self, 5_000_300),
  ], [self]);
  assert.deepEqual(found(processes, []), []);
});

Deno.test("JobProcesses: a session of the wrapper's number counts only with a known member or its own leader", () => {
  const strangers = [
    row(1, 0, 1),
    row(5_000_200, 1, 5_000_200, "later"),
    row(5_000_201, 5_000_200, 5_000_200),
  ];
  assert.deepEqual(found(new PaperProcesses(strangers), [root(5_000_200)]), []);
  const orphans = [row(1, 0, 1), row(5_000_201, 1, 5_000_200), row(5_000_202, 1, 5_000_200)];
  assert.deepEqual(found(new PaperProcesses(orphans), [root(5_000_200)]), []);
  assert.deepEqual(found(new PaperProcesses(orphans, [5_000_202]), [root(5_000_200)]), [
    5_000_201,
    5_000_202,
  ]);
});

Deno.test("JobProcesses: one that was seen stays known after its parent died, until its pid is another's", () => {
  const processes = new PaperProcesses([
    row(1, 0, 1),
    row(5_000_200, 1, 5_000_200),
    row(5_000_201, 5_000_200, 5_000_201),
    row(5_000_202, 5_000_201, 5_000_202),
  ]);
  const job = new JobProcesses({ jobId: "abcd1234", processes, roots: [root(5_000_200)] });
  job.scan();
  processes.rows.splice(1, 2);
  processes.rows[1] = row(5_000_202, 1, 5_000_202);
  job.scan();
  assert.deepEqual(job.alive().map(({ pid }) => pid), [5_000_202]);
  processes.rows[1] = row(5_000_202, 1, 5_000_202, "later");
  job.scan();
  assert.deepEqual(job.alive(), []);
});
