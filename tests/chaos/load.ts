/**
 * Chaos, family "load": many jobs, many waiters, much output. What it takes of memory, descriptors and disk is
 * printed, and has a bound far above what it should be.
 *
 * @module
 */
import type { Fault, Trial } from "./fault.ts";
import { Ledger } from "./ledger.ts";
import { resources } from "./processes.ts";
import type { Site } from "./site.ts";

/** Resident MiB of a daemon under any of these loads; the budget without output is 120. */
const MAX_RESIDENT_MIB = 500;

/** Notes what the daemon takes at its highest, looking every 100 ms until the returned function is called. */
function watchDaemon(site: Site): () => { residentMib: number; descriptors: number } {
  const highest = { residentMib: 0, descriptors: 0 };
  const timer = setInterval(() => {
    try {
      const { residentBytes, descriptors } = resources(site.daemon() ?? 0);
      highest.residentMib = Math.max(highest.residentMib, Math.round(residentBytes / 2 ** 20));
      highest.descriptors = Math.max(highest.descriptors, descriptors);
    } catch {
      // There is none at this moment.
    }
  }, 100);
  return () => {
    clearInterval(timer);
    return highest;
  };
}

function report(
  trial: Trial,
  name: string,
  figures: ReturnType<ReturnType<typeof watchDaemon>>,
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

/** Many jobs that print as fast as they can, beside each other. */
async function muchOutput(trial: Trial, jobs: number, bytes: number): Promise<void> {
  const site = trial.site({ config: { limits: { total: jobs } } });
  const client = site.client();
  const origin = { env: site.state.env, session: "chaos" };
  const begun = performance.now();
  await client.list({});
  const stop = watchDaemon(site);
  const ids: string[] = [];
  for (let n = 0; n < jobs; n++) {
    const { job_id } = await client.start({
      agent: "codex",
      prompt: `flood ${bytes}\nraw \nsay end`,
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
  report(trial, `${jobs} jobs of ${bytes / 1e6} MB each`, stop(), begun);
}

function once(name: string, attempt: Fault["attempt"]): Fault {
  return { name, family: "load", kind: "once", attempt };
}

export const LOAD_FAULTS: readonly Fault[] = [
  once("200 jobs through 4 slots", (trial) => manyJobs(trial, 200)),
  once("1,000 jobs through 4 slots", (trial) => manyJobs(trial, 1_000)),
  once("100 waiters for one job", manyWaiters),
  once("50 jobs of 2 MB of output at once", (trial) => muchOutput(trial, 50, 2_000_000)),
];
