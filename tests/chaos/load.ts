/**
 * Chaos, family "load": many jobs, many waiters, much output. What it takes of memory, descriptors and disk is
 * printed, and has a bound far above what it should be.
 *
 * @module
 */
import { join } from "node:path";
import { SCHEMA_VERSION } from "../../src/store/database/migrations.ts";
import { installStore } from "../bench/stores.ts";
import { testCache } from "../support/agents.ts";
import type { RemoteService } from "../../src/service/remote/service.ts";
import { pause } from "./processes.ts";
import { type Highest, watchDaemon } from "./daemon_watch.ts";
import type { Fault, Trial } from "./fault.ts";
import { Ledger } from "./ledger.ts";

/** Jobs up to which a round of retention is tried, too: it takes 0.1 ms of each, and a million take minutes. */
const MAX_FOR_RETENTION = 100_000;

/** Resident MiB of a daemon under any of these loads; the budget without output is 120. */
const MAX_RESIDENT_MIB = 500;

function report(
  trial: Trial,
  name: string,
  figures: Highest,
  begun: number,
) {
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.error(`    ${name}: ${seconds} s, ${figures.residentMib} MiB, ${figures.descriptors} descriptors`);
  trial.expect(figures.residentMib < MAX_RESIDENT_MIB, `the daemon took ${figures.residentMib} MiB`);
}

/** Jobs that do next to nothing, through four slots, with waiters on each tenth of them. */
async function manyJobs(trial: Trial, jobs: number): Promise<void> {
  const site = trial.site({ config: { limits: { total: 4 } } });
  const ledger = new Ledger(trial, site);
  const clients = Array.from({ length: 5 }, () => site.client());
  const begun = performance.now();
  await clients[0]?.list({});
  const stop = watchDaemon(site);
  const ids: string[] = [];
  for (let n = 0; n < jobs; n++) {
    const token = `l${n}`;
    const order = ledger.add({
      token,
      isEndless: false,
      reply: null,
      cwd: site.workspace(`work-${n % 8}`),
      script: {
        prompt: `run echo x >>'${ledger.ledgerFile(token)}'\nsay ${token}.`,
        expected: {
          status: "done",
          reason: "completed",
          exitCode: 0,
          result: `${token}.`,
          messages: [`${token}.`],
        },
      },
    });
    const client = clients[n % clients.length] ?? site.client();
    const id = await ledger.start(client, order);
    ids.push(id);
    if (n % 10 === 0) ledger.wait(client, id);
  }
  for (let left = ids; left.length > 0;) {
    const client = clients[0] ?? site.client();
    const { unfinished } = await client.wait({
      job_ids: left.slice(0, 200),
      mode: "all",
      timeout_seconds: 60,
    });
    left = [...unfinished.map((job) => job.job_id), ...left.slice(200)];
  }
  report(trial, `${jobs} jobs through 4 slots`, stop(), begun);
  await ledger.settle();
}

/** A hundred who wait for one job. */
async function manyWaiters(trial: Trial): Promise<void> {
  const site = trial.site();
  const client = site.client();
  const origin = { env: site.state.env, session: "chaos" };
  const { job_id } = await client.start({
    agent: "codex",
    prompt: "wait go\nsay x",
    cwd: site.state.cwd,
    origin,
  });
  trial.findings.jobs += 1;
  const begun = performance.now();
  const stop = watchDaemon(site);
  const clients = Array.from({ length: 20 }, () => site.client());
  const waits = Array.from(
    { length: 100 },
    (_, n) => (clients[n % 20] ?? client).wait({ job_ids: [job_id], timeout_seconds: 60 }),
  );
  await client.list({});
  Deno.writeTextFileSync(`${site.state.cwd}/go`, "");
  for (const { jobs } of await Promise.all(waits)) {
    trial.expect(jobs[0]?.result === "x", `a waiter got ${JSON.stringify(jobs[0]?.result)}`);
  }
  report(trial, "100 waiters", stop(), begun);
}

/** Many jobs that print much beside each other: as fast as they can, or so much each second for some seconds. */
async function muchOutput(
  trial: Trial,
  { jobs, bytes, seconds }: { jobs: number; bytes: number; seconds: number | null },
): Promise<void> {
  const site = trial.site({ config: { limits: { total: jobs } } });
  const client = site.client();
  const origin = { env: site.state.env, session: "chaos" };
  const begun = performance.now();
  await client.list({});
  const stop = watchDaemon(site);
  const ids: string[] = [];
  // Lines as long as those of an agent that has something to say.
  const flood = `flood ${bytes} ${seconds === null ? 70 : 500}\nraw `;
  for (let n = 0; n < jobs; n++) {
    const { job_id } = await client.start({
      agent: "codex",
      prompt: `${seconds === null ? flood : `${flood}\nsleep 1\n`.repeat(seconds)}\nsay end`,
      cwd: site.workspace(`work-${n}`),
      origin,
    });
    ids.push(job_id);
  }
  trial.findings.jobs += jobs;
  const signal = AbortSignal.timeout(300_000);
  for (const id of ids) {
    for (let isOver = false; !isOver;) {
      const { jobs } = await client.wait({ job_ids: [id], timeout_seconds: 60 }, { signal });
      isOver = jobs.length > 0;
      trial.expect(
        !isOver || jobs[0]?.result === "end",
        `${id} became ${jobs[0]?.status}, ${jobs[0]?.error}`,
      );
    }
  }
  const much = `${jobs} jobs of ${bytes / 1e6} MB ${seconds === null ? "each" : `a second for ${seconds} s`}`;
  report(trial, much, stop(), begun);
}

/** A store that has seen very many jobs: it is opened, listed, added to, and closed as if it were empty. */
async function retained(trial: Trial, jobs: number): Promise<void> {
  const site = trial.site({ config: { retention: { days: 36_500 } } });
  await installStore(jobs, `${site.home}/queue.db`);
  const client = site.client();
  const begun = performance.now();
  const stop = watchDaemon(site);
  const { total } = await client.list({ limit: 20 });
  const openedMs = performance.now() - begun;
  trial.expect(total === jobs, `${total} of ${jobs} jobs are there`);
  const ledger = new Ledger(trial, site);
  const listing = performance.now();
  for (let n = 0; n < 10; n++) await client.list({ limit: 20 });
  const listMs = (performance.now() - listing) / 10;
  const starting = performance.now();
  const orders = Array.from({ length: 20 }, () => ledger.draw({ endless: false, reply: false }));
  for (const order of orders) ledger.wait(client, await ledger.start(client, order));
  const startMs = (performance.now() - starting) / orders.length;
  const ids = orders.map((order) => String(order.acknowledged));
  const { unfinished } = await client.wait({ job_ids: ids, mode: "all", timeout_seconds: 60 });
  for (const { job_id, status } of unfinished) trial.find("lost", `${job_id} is ${status} for ever`);
  const after = await client.list({ limit: 1 });
  trial.expect(after.total === jobs + orders.length, `${after.total} jobs of ${jobs + orders.length}`);
  const round = jobs > MAX_FOR_RETENTION ? null : await retentionRound(client);
  const disk = Math.round(Deno.statSync(`${site.home}/queue.db`).size / 2 ** 20);
  console.error(
    `    a daemon for ${jobs} retained jobs (${disk} MiB) answers first after ${Math.round(openedMs)} ms, ` +
      `a list takes ${listMs.toFixed(1)} ms, a start ${startMs.toFixed(1)} ms`,
  );
  if (round !== null) {
    const [seconds, longestMs] = [(round.ms / 1000).toFixed(1), Math.round(round.longestMs)];
    console.error(
      `    a round of retention takes ${seconds} s, and a list at most ${longestMs} ms meanwhile`,
    );
  }
  report(trial, `${jobs} retained jobs`, stop(), begun);
  await ledger.abandon();
}

/** What the daemon does every hour, though nothing is removed; and how long somebody else waits for an answer then. */
async function retentionRound(client: RemoteService): Promise<{ ms: number; longestMs: number }> {
  const begun = performance.now();
  let isOver = false;
  const round = client.prune({ dry_run: true }).finally(() => isOver = true);
  let longestMs = 0;
  while (!isOver) {
    const asked = performance.now();
    await client.list({ limit: 1 });
    longestMs = Math.max(longestMs, performance.now() - asked);
    await pause(20);
  }
  await round;
  return { ms: performance.now() - begun, longestMs };
}

/** Why a store of so many jobs is not at hand, or `null`. To build one takes minutes and gigabytes. */
function noStore(jobs: number): string | null {
  try {
    Deno.statSync(join(testCache(), "bench", `store-v${SCHEMA_VERSION}-${jobs}`, "queue.db"));
    return null;
  } catch {
    return `a store of ${jobs} jobs has to be built first (deno task bench --only store)`;
  }
}

function once(name: string, attempt: Fault["attempt"], cannot?: () => string | null): Fault {
  return { name, family: "load", kind: "once", attempt, ...(cannot === undefined ? {} : { cannot }) };
}

export const LOAD_FAULTS: readonly Fault[] = [
  once("200 jobs through 4 slots", (trial) => manyJobs(trial, 200)),
  once("1,000 jobs through 4 slots", (trial) => manyJobs(trial, 1_000)),
  once("100 waiters for one job", manyWaiters),
  once(
    "50 jobs of 2 MB of output at once",
    (trial) => muchOutput(trial, { jobs: 50, bytes: 2_000_000, seconds: null }),
  ),
  once(
    "50 jobs of 1 MB of output a second each",
    (trial) => muchOutput(trial, { jobs: 50, bytes: 1_000_000, seconds: 10 }),
  ),
  once("100,000 retained jobs", (trial) => retained(trial, 100_000)),
  once("1,000,000 retained jobs", (trial) => retained(trial, 1_000_000), () => noStore(1_000_000)),
];
