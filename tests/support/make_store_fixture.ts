/**
 * Makes `tests/fixtures/store/v<N>/queue.db`, the database of a released version, and `contents.json` with what is in it:
 * `deno run -A tests/support/make_store_fixture.ts`. Run once for each schema version, and never again after its
 * release: what an old version wrote must open for ever. It refuses to replace what is there.
 *
 * @module
 */
import type { Job } from "../../src/domain/job/job.ts";
import { transition } from "../../src/domain/job/transition.ts";
import { SCHEMA_VERSION } from "../../src/store/database/migrations.ts";
import { openStore } from "../../src/store/database/open_store.ts";
import { silentLog } from "../../src/system/log.ts";
import { fromFileUrl } from "./from_file_url.ts";
import { jobId, newJob } from "./new_job.ts";

const START = 1_767_225_600_000;
const directory = fromFileUrl(new URL(`../fixtures/store/v${SCHEMA_VERSION}/`, import.meta.url));
const path = `${directory}queue.db`;

/** Each reading is a second later. */
function tickingClock() {
  let now = START;
  return { now: () => now += 1_000, steady: () => now };
}

const clock = tickingClock();
const launch = (job: Job) => transition(job, { type: "launch", at: clock.now() });

Deno.mkdirSync(directory);
const { store } = await openStore({
  path,
  clock,
  log: silentLog,
  records: { ids: () => [], changedSince: () => [], read: () => null },
});

await store.create(newJob({ id: jobId(1), request_key: "start 1", prompt: "Ünïcode 🙂", after: [] }));
await store.create(
  newJob({ id: jobId(2), agent: "gemini", after: [jobId(1)], priority: 5, retry_on_limit: true }),
);
await store.create(newJob({
  id: jobId(3),
  agent: "claude",
  cwd: "/tmp/other",
  tree: { kind: "plain", root: "/tmp/other" },
  approval_policy: "full-auto",
  fallback: ["codex", "gemini"],
}));
await store.create(newJob({ id: jobId(4), parent: jobId(3), depth: 2, approval_policy: "suggest" }));
await store.create(newJob({ id: jobId(5), request_key: "start 5" }));
await store.create(newJob({ id: jobId(6) }));
await store.create(newJob({ id: jobId(7) }));

// 2 waits for a limit; 3 runs and is being stopped; 4 is done, with a summary; 5 failed; 6 was cancelled; 7 is removed.
await store.update(jobId(2), (job) => {
  const failed = transition(launch(job), {
    type: "end",
    verdict: {
      status: "error",
      reason: "quota_exhausted",
      error: "You have hit your limit.",
      hint: "Wait.",
      retry_at: START + 3_600_000,
    },
    exitCode: 1,
    sessionId: "session-2",
    at: clock.now(),
  });
  return [failed, transition(failed, { type: "postpone", until: START + 3_600_000, at: clock.now() })];
});
await store.update(jobId(3), launch);
await store.update(
  jobId(3),
  (job) => transition(job, { type: "stop", cause: "cancelled", readBytes: 0, at: clock.now() }),
);
await store.update(
  jobId(3),
  (job) => transition(job, { type: "reply", policy: "suggest", at: clock.now() }),
  {
    requestKey: "reply 3",
  },
);
await store.update(jobId(4), (job) => ({ ...launch(job), session_id: "session-4" }));
await store.update(jobId(4), (job) =>
  transition(job, {
    type: "end",
    verdict: { status: "done", reason: "completed" },
    exitCode: 0,
    sessionId: null,
    at: clock.now(),
  }));
await store.update(jobId(4), (job) => transition(job, { type: "summarize", summary: "Two files changed." }));
await store.update(jobId(5), (job) =>
  transition(launch(job), {
    type: "end",
    verdict: { status: "error", reason: "exit_code", error: "exit code 7", hint: null, retry_at: null },
    exitCode: 7,
    sessionId: null,
    at: clock.now(),
  }));
for (const id of [jobId(6), jobId(7)]) {
  await store.update(
    id,
    (job) =>
      transition(job, {
        type: "drop",
        verdict: { status: "cancelled", reason: "cancelled" },
        at: clock.now(),
      }),
  );
}
await store.remove([jobId(7)]);

const jobs = (await store.list({ limit: 100 })).jobs;
const feed = (await store.feed(0, { limit: 1_000 })).entries;
await store[Symbol.asyncDispose]();
Deno.removeSync(`${path}.clean`);
Deno.writeTextFileSync(`${directory}contents.json`, `${JSON.stringify({ jobs, feed }, null, 2)}\n`);
