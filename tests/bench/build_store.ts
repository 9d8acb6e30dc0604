/**
 * Benchmark: makes a store of very many jobs, with the code that builds one from job directories:
 * `deno run -A tests/bench/build_store.ts PATH JOBS`. A process of its own, since it wants much memory and can wait.
 *
 * @module
 */
import type { Job } from "../../src/domain/job/job.ts";
import { buildDatabase } from "../../src/store/database/build_store.ts";
import type { RecordedJob } from "../../src/store/job_store.ts";
import { systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import { jobId, newJob } from "../support/new_job.ts";

const AGENTS = ["codex", "codex", "codex", "gemini", "claude"] as const;

/** Of every 20 jobs, 17 are done, two failed and one was cancelled; two a minute, the newest now. */
async function* finishedJobs(count: number): AsyncGenerator<RecordedJob> {
  const now = Date.now();
  for (let n = 1; n <= count; n += 1) {
    const at = now - (count - n) * 30_000;
    const job = {
      ...newJob({
        id: jobId(n),
        agent: AGENTS[n % AGENTS.length] ?? "codex",
        cwd: `/tmp/project-${n % 50}`,
        tree: { kind: "git", root: `/tmp/project-${n % 50}` },
        prompt:
          `Task ${n}: find out why the nightly build takes twice as long as it did, and make it quick again.`,
        created_at: at,
        started_at: at,
        session_id: crypto.randomUUID(),
        state: finished(n, at + 20_000),
      }),
      number: n,
    };
    yield { job, replies: [] };
  }
}

function finished(n: number, finishedAt: number): Job["state"] {
  const end = { finished_at: finishedAt };
  switch (n % 20) {
    case 0:
      return { status: "cancelled", reason: "cancelled", ...end, exit_code: 143 };
    case 1:
    case 2:
      return {
        status: "error",
        reason: "agent_error",
        error: "It broke.",
        hint: null,
        retry_at: null,
        ...end,
        exit_code: 1,
      };
    default:
      return { status: "done", reason: "completed", ...end, exit_code: 0 };
  }
}

if (import.meta.main) {
  const [path = "", count = "0"] = Deno.args;
  await buildDatabase(path, { jobs: finishedJobs(Number(count)), clock: systemClock, log: silentLog });
}
