/**
 * Chaos, family "load": the same mixture of work for minutes. What grows after the first minute has a leak in it.
 *
 * @module
 */
import type { RemoteService } from "../../src/service/remote/service.ts";
import { HostSession } from "../support/program.ts";
import { median, type Sample, sample } from "./daemon_watch.ts";
import type { Fault, Trial } from "./fault.ts";
import { gatedJob, hasBegun } from "./gated_job.ts";
import { Ledger } from "./ledger.ts";
import { pause } from "./processes.ts";
import type { Site } from "./site.ts";

/** Ms of warming up: caches, compiled code, the first garbage. A soak of less than two minutes warms up for half. */
const WARM_UP_MS = 60_000;

/** Ms between two looks at what the daemon takes. */
const SAMPLE_MS = 1_000;

/** Ms between two rounds of removing finished jobs, so that what is kept on purpose does not look like growth. */
const PRUNE_MS = 5_000;

/** What the last third may be above the first third, in the middle: less than a thousand jobs would leave behind. */
const MAX_GROWTH: Sample = { residentMib: 15, descriptors: 3, diskMib: 5 };

/** Jobs at a time; as many more wait for a slot. */
const WORKERS = 6;

async function soak(trial: Trial): Promise<void> {
  const site = trial.site({ config: { limits: { total: 4 } } });
  const client = site.client();
  await client.list({});
  const daemon = site.daemon();
  const ledger = new Ledger(trial, site);
  const lasting = gatedJob(ledger, { token: "lasting", gate: `${site.workspace("gate")}/go` });
  await ledger.start(client, lasting);
  const stop = new AbortController();
  const begun = performance.now();
  const totalMs = trial.soakMinutes * 60_000;
  const samples: (Sample & { at: number })[] = [];
  const timer = setInterval(() => {
    const now = sample(site);
    if (now !== null) samples.push({ ...now, at: performance.now() - begun });
  }, SAMPLE_MS);
  const counts = { jobs: 0, hosts: 0 };
  try {
    const work = [
      ...Array.from({ length: WORKERS }, (_, n) => workOn(trial, site, { n, counts, signal: stop.signal })),
      hostsComeAndGo(site, counts, stop.signal),
      prune(client, stop.signal),
    ];
    await Promise.race([pause(totalMs), Promise.all(work)]);
    stop.abort();
    await Promise.all(work);
  } finally {
    stop.abort();
    clearInterval(timer);
  }
  trial.findings.jobs += counts.jobs;
  judge(trial, samples.filter(({ at }) => at >= Math.min(WARM_UP_MS, totalMs / 2)), counts);
  trial.expect(site.daemon() === daemon, "the daemon did not live through it");
  trial.expect(hasBegun(ledger, lasting), "the job that was to last has not begun");
  const { status } = await client.poll({ job_id: String(lasting.acknowledged) });
  trial.expect(status === "running", `the job that was to last is ${status}`);
  Deno.writeTextFileSync(`${site.workspace("gate")}/go`, "");
  const { jobs } = await client.wait({ job_ids: [String(lasting.acknowledged)], timeout_seconds: 30 });
  trial.expect(jobs[0]?.status === "done", `the job that was to last became ${jobs[0]?.status}`);
  await ledger.abandon();
}

function judge(trial: Trial, samples: readonly Sample[], counts: { jobs: number; hosts: number }): void {
  const third = Math.floor(samples.length / 3);
  const [first, last] = [samples.slice(0, third), samples.slice(-third)];
  const told = (["residentMib", "descriptors", "diskMib"] as const).map((what) => {
    const [from, to] = [first, last].map((part) => median(part.map((one) => one[what])));
    const grown = (to ?? 0) - (from ?? 0);
    trial.expect(grown <= MAX_GROWTH[what], `${what} grew from ${from?.toFixed(1)} to ${to?.toFixed(1)}`);
    return `${what} ${from?.toFixed(1)} -> ${to?.toFixed(1)}`;
  });
  trial.expect(third > 0, "the soak was too short to tell");
  console.error(
    `    soak of ${trial.soakMinutes} min: ${counts.jobs} jobs, ${counts.hosts} hosts; after the warm-up, ` +
      `first third -> last third: ${told.join(", ")}`,
  );
}

/** One after the other: jobs that talk, fail, are read along or cancelled. */
async function workOn(
  trial: Trial,
  site: Site,
  { n, counts, signal }: { n: number; counts: { jobs: number }; signal: AbortSignal },
): Promise<void> {
  const client = site.client();
  const origin = { env: site.state.env, session: `soak ${n}` };
  const cwd = site.workspace(`soak-${n}`);
  for (let round = 0; !signal.aborted; round++) {
    const isCancelled = round % 7 === 0;
    const prompt = isCancelled
      ? "say begun\nescape 600\nwait never"
      : `say begun\nflood 40000\nraw \nrun echo done\nsay ${round}${round % 5 === 0 ? "\nexit 3" : ""}`;
    const { job_id } = await client.start({ agent: "codex", cwd, prompt, origin });
    counts.jobs += 1;
    if (isCancelled) {
      await client.wait({ job_ids: [job_id], timeout_seconds: 1 });
      await client.cancel({ job_id });
    }
    const { jobs } = await client.wait({ job_ids: [job_id], timeout_seconds: 90 });
    const expected = isCancelled ? "cancelled" : round % 5 === 0 ? "exit_code" : "completed";
    const [job] = jobs;
    trial.expect(
      job?.reason === expected,
      `job ${job_id} became ${job?.status}/${job?.reason}, not ${expected}`,
    );
    const { events } = await client.events({ job_id, limit: 500 }).catch(ifPruned);
    trial.expect(events.every((event, n) => event.seq === n + 1), `events of ${job_id} do not count`);
    await client.list({ limit: 20 });
  }
  client.close();
}

/** A job may have been pruned before its events were read. */
function ifPruned(error: unknown): { events: { seq: number }[] } {
  if (error instanceof Error && "code" in error && error.code === "not_found") return { events: [] };
  throw error;
}

async function hostsComeAndGo(site: Site, counts: { hosts: number }, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const host = await HostSession.start(site.state);
    counts.hosts += 1;
    await host.mcp.client.callTool({ name: "queue_status", arguments: {} });
    await host[Symbol.asyncDispose]();
    await pause(1_000);
  }
}

async function prune(client: RemoteService, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(PRUNE_MS);
    await client.prune({ older_than_days: PRUNE_MS / 86_400_000 });
  }
}

export const SOAK_FAULTS: readonly Fault[] = [
  { name: "soak: nothing grows after the first minute", family: "load", kind: "once", attempt: soak },
];
