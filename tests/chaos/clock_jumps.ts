/**
 * Chaos, family "machine": the wall clock jumps by days in both directions while jobs run, wait and are waited for.
 * No limit may come early or fail to come, no wait may miss its end, and nothing may change its order.
 *
 * @module
 */
import * as z from "zod";
import { HostSession } from "../support/program.ts";
import type { Fault, Trial } from "./fault.ts";
import { gatedJob } from "./gated_job.ts";
import { Ledger } from "./ledger.ts";
import { pause } from "./processes.ts";
import { noWallClock, WallClock } from "./wall_clock.ts";

/** What a host's model is told by a wait, as far as it counts here. */
const Told = z.object({ jobs: z.array(z.object({ job_id: z.string(), duration_seconds: z.number() })) });

/** Seconds of the one limit that has to be kept in spite of the jump. */
const LIMIT_SECONDS = 5;

/** Ms that may pass between what has to happen and the news of it, on a busy machine. */
const LATE_MS = 6_000;

/** Ms by which a time may be off the clock that it was read from. */
const TOLD_MS = 60_000;

const CONFIG = { limits: { total: 4 }, timeouts: { stall_seconds: 600 } };

/** Ms that a promise takes. */
async function timed<Value>(promise: Promise<Value>): Promise<{ value: Value; ms: number }> {
  const begun = performance.now();
  const value = await promise;
  return { value, ms: performance.now() - begun };
}

async function jumpUnderJobs(trial: Trial, days: number): Promise<void> {
  const clock = await WallClock.inSite(trial, CONFIG);
  const { site } = clock;
  const ledger = new Ledger(trial, site);
  const client = site.client();
  await using host = await HostSession.start(site.state);
  const gate = `${site.workspace("gate")}/go`;
  ledger.listen(client);
  // Two run until the gate opens, one until its limit; one slot is left for the queue.
  const running = ["a", "b"].map((token) => gatedJob(ledger, { token, gate, timeoutSeconds: 3_600 }));
  const limited = gatedJob(ledger, {
    token: "limited",
    gate: null,
    timeoutSeconds: LIMIT_SECONDS,
    becomes: { status: "error", reason: "timed_out" },
  });
  for (const order of [...running, limited]) {
    const id = await ledger.start(client, order);
    ledger.follow(client, id);
  }
  const limitedSince = performance.now();
  const queued = Array.from({ length: 6 }, () => ledger.draw({ endless: false }));
  for (const order of queued) ledger.wait(client, await ledger.start(client, order));
  const first = String(running[0]?.acknowledged);
  const limitedId = String(limited.acknowledged);
  const dependent = gatedJob(ledger, { token: "dependent", gate });
  dependent.request.after = [first];
  await ledger.start(client, dependent);

  const longWait = client.wait({ job_ids: [first], timeout_seconds: 90 });
  const hostWait = host.call("job_wait", { job_ids: [first], timeout_seconds: 90 }, Told);
  const shortWait = timed(client.wait({ job_ids: [first], timeout_seconds: 4 }));
  const limitedEnd = client.wait({ job_ids: [limitedId], timeout_seconds: 60 })
    .then(() => performance.now() - limitedSince);
  await pause(1_000);
  const daemon = site.daemon();
  clock.jump(days);
  const later = gatedJob(ledger, { token: "later", gate });
  await ledger.start(client, later);

  const { value: short, ms } = await shortWait;
  trial.expect(short.timed_out, "a wait for a job that goes on was answered as if it had ended");
  trial.expect(Math.abs(ms - 4_000) < LATE_MS && ms > 3_500, `a wait of 4 s took ${Math.round(ms)} ms`);
  const limitMs = await limitedEnd;
  trial.expect(
    limitMs > LIMIT_SECONDS * 1000 - 500 && limitMs < LIMIT_SECONDS * 1000 + LATE_MS,
    `a limit of ${LIMIT_SECONDS} s came after ${Math.round(limitMs)} ms`,
  );
  for (const { acknowledged, token } of running) {
    const { status } = await client.poll({ job_id: String(acknowledged) });
    trial.expect(status === "running", `${token}, whose limit is an hour, is ${status} after the jump`);
  }
  const { jobs } = await client.list({ limit: 100 });
  trial.expect(jobs[0]?.job_id === later.acknowledged, "the newest job is not the first of the list");
  const toldMs = clock.errorOf(String(jobs[0]?.created_at));
  trial.expect(toldMs < TOLD_MS, `the daemon's clock is ${toldMs} ms off: it has not jumped`);

  const { uptime_seconds } = await client.status();
  trial.expect(
    uptime_seconds >= 0 && uptime_seconds < 300,
    `a daemon of some seconds says that it is up for ${uptime_seconds} s`,
  );
  const live = await client.poll({ job_id: first });
  trial.expect(
    (live.duration_seconds ?? 0) < 300,
    `a job that runs for some seconds is said to run for ${live.duration_seconds} s`,
  );
  Deno.writeTextFileSync(gate, "");
  const ends = [await longWait, await hostWait];
  for (const end of ends) {
    trial.expect(end.jobs[0]?.job_id === first, "a long wait was not answered with its job");
    const seconds = end.jobs[0]?.duration_seconds ?? 0;
    trial.expect(
      seconds > 2 && seconds < 300,
      `a job of some seconds is said to have taken ${Math.round(seconds)} s`,
    );
  }
  trial.expect(site.daemon() === daemon, "the daemon did not survive the jump");
  await ledger.settle();
}

/** The clock jumps, and the daemon that saw the jump is not the one that has to keep the limits. */
async function jumpAndKill(trial: Trial): Promise<void> {
  const { random } = trial;
  const clock = await WallClock.inSite(trial, { limits: { total: random.pick([1, 2, 4]) } });
  const { site } = clock;
  const ledger = new Ledger(trial, site);
  const client = site.client();
  ledger.listen(site.client());
  // Drawn before anything happens, so that the same seed draws the same.
  const plans = Array.from({ length: 1 + random.below(8) }, () => ({
    order: ledger.draw({ endless: false }),
    isFollowed: random.below(2) === 0,
    isAwaited: random.below(2) === 0,
  }));
  const starting = (async () => {
    for (const { order, isFollowed, isAwaited } of plans) {
      const id = await ledger.start(client, order);
      if (isFollowed) ledger.follow(client, id);
      if (isAwaited) ledger.wait(client, id);
    }
  })();
  for (let n = 1 + random.below(3); n > 0; n--) {
    await pause(random.below(500));
    clock.jump(random.pick([-400, -3, 3, 20, 400]));
    await pause(random.below(200));
    const isKilled = random.below(3) > 0;
    if (isKilled) site.signalDaemon("SIGKILL");
  }
  await starting;
  await ledger.settle();
}

export const CLOCK_FAULTS: readonly Fault[] = [
  {
    name: "wall clock jumps 3 days ahead",
    family: "machine",
    kind: "once",
    cannot: noWallClock,
    attempt: (trial) => jumpUnderJobs(trial, 3),
  },
  {
    name: "wall clock jumps 3 days back",
    family: "machine",
    kind: "once",
    cannot: noWallClock,
    attempt: (trial) => jumpUnderJobs(trial, -3),
  },
  {
    name: "wall clock jumps by days, and kill -9 of the daemon",
    family: "machine",
    kind: "round",
    cannot: noWallClock,
    attempt: jumpAndKill,
  },
];
