/**
 * Tests of `status` where there is no terminal.
 *
 * @module
 */
import assert from "node:assert/strict";
import { recentJobs } from "../../../src/cli/monitor/recent_jobs.ts";
import { aBrief, aResult, ScriptedService } from "../../support/scripted_service.ts";
import { commandLine } from "../command_line.ts";
import { aDaemonStatus } from "../../support/daemon_status.ts";

const DAEMON = aDaemonStatus({ jobs: { pending: 1, running: 1, done: 1, error: 0, cancelled: 0 } });

const running = aBrief({ job_id: "aaaa1111" });
const pending = aBrief({ job_id: "bbbb2222", status: "pending", waiting_for: "job aaaa1111\x1b[31m" });
const ended = aBrief({ job_id: "cccc3333", status: "done", finished_at: "2026-01-01T00:01:00.000Z" });

const service = new ScriptedService({
  queue: () =>
    Promise.resolve({
      busy: false,
      running: [running],
      pending: [pending],
      pending_count: 1,
      limits: { total: 4, depth: 3 },
      agents: [],
    }),
  list: () => Promise.resolve({ jobs: [ended, pending, running], total: 3 }),
  poll: ({ job_id }) =>
    Promise.resolve(
      job_id === running.job_id
        ? aResult({ ...running, exit_code: null, activity: "running: npm test", duration_seconds: 119 })
        : aResult({ job_id, finished_at: "2026-01-01T00:01:00.000Z" }),
    ),
});

async function status(...args: string[]): Promise<string> {
  const { code, stdout } = await commandLine(["status", ...args], {
    service,
    control: { status: () => Promise.resolve(DAEMON) },
  });
  assert.equal(code, 0);
  return stdout;
}

Deno.test("status without a terminal: running, waiting and recent jobs as tables", async () => {
  assert.equal(
    await status(),
    `\
1/4 running, 1 waiting, daemon 1.2.3

ID        AGENT   RUNNING  ACTIVITY           DIRECTORY      PROMPT
aaaa1111  codex  1 m 59 s  running: npm test  /work/project  Make the tests pass

ID        AGENT  WAITS FOR     DIRECTORY      PROMPT
bbbb2222  codex  job aaaa1111  /work/project  Make the tests pass

ID        AGENT  ENDED           TOKENS  DIRECTORY      PROMPT
cccc3333  codex  done   1 m ago      15  /work/project  Make the tests pass
`,
  );
});

Deno.test("status --json: the same, whole", async () => {
  const { daemon, limits, busy, running: now, pending_count, recent, ...rest } = JSON.parse(
    await status("--json"),
  );
  assert.deepEqual([daemon, limits, busy, pending_count], [
    { version: "1.2.3", pid: 42, started_at: "2026-01-01T00:00:00.000Z" },
    { total: 4, depth: 3 },
    false,
    1,
  ]);
  assert.deepEqual(now.map((job: { job_id: string; activity: string }) => [job.job_id, job.activity]), [[
    "aaaa1111",
    "running: npm test",
  ]]);
  assert.deepEqual(recent.map((job: { job_id: string; usage: unknown }) => [job.job_id, job.usage]), [[
    "cccc3333",
    aResult().usage,
  ]]);
  assert.deepEqual(rest, { pending: [pending] });
});

Deno.test("status: of a reply it says the turn, for the job's duration has idle days in it", async () => {
  const { queue, list } = service;
  const later = new ScriptedService({
    queue: queue.bind(service),
    list: list.bind(service),
    poll: () => Promise.resolve(aResult({ ...running, exit_code: null, turn: 2, duration_seconds: 90_000 })),
  });
  const { stdout } = await commandLine(["status"], {
    service: later,
    control: { status: () => Promise.resolve(DAEMON) },
  });
  assert.match(stdout, /\naaaa1111 {2}codex {3}turn 2 {2}/);
});

Deno.test("recentJobs: what has ended is found behind a hundred jobs that wait, the last end in front", async () => {
  const waiting = Array.from(
    { length: 100 },
    (_, index) => aBrief({ job_id: `w${index}`, status: "pending" }),
  );
  const at = (minute: number) => ({ finished_at: `2026-01-01T00:0${minute}:00.000Z` });
  const finished = {
    done: [aBrief({ job_id: "done0001", status: "done", ...at(1) })],
    error: [aBrief({ job_id: "erro0001", status: "error", ...at(3) })],
    cancelled: [aBrief({ job_id: "canc0001", status: "cancelled", ...at(2) })],
  };
  const crowded = new ScriptedService({
    list: ({ status }) => {
      const jobs = status === undefined
        ? waiting
        : status in finished
        ? finished[status as keyof typeof finished]
        : [];
      return Promise.resolve({ jobs, total: status === undefined ? 103 : jobs.length });
    },
  });
  const found = await recentJobs(crowded, {});
  assert.deepEqual(found.finished.map((job) => job.job_id), ["erro0001", "canc0001", "done0001"]);
  // With everything in sight one look is enough.
  const quiet = new ScriptedService({ list: () => Promise.resolve({ jobs: [ended, running], total: 2 }) });
  assert.deepEqual((await recentJobs(quiet, {})).finished, [ended]);
  assert.equal(quiet.calls.length, 1);
});
