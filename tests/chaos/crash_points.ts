/**
 * Chaos, family "crash points": the daemon is killed with -9 at every step of a job's life, with jobs, waiters and
 * readers attached.
 *
 * @module
 */
import { isAlive } from "../support/program.ts";
import { eventually } from "../support/eventually.ts";
import { checkedJob } from "./checked_job.ts";
import type { Fault, Trial } from "./fault.ts";
import { Ledger, type SettleOptions } from "./ledger.ts";
import { pause } from "./processes.ts";
import type { Site, SiteOptions } from "./site.ts";
import { CALLS, Tampering, withoutStrace } from "./tampering.ts";
import { signalIfAlive } from "../support/signals.ts";

/** Most jobs of one round. */
const MAX_JOBS = 20;

/** Files whose appearance is a named point in a turn's life, in order. */
const POINTS = [
  "job.json",
  "turns/1/prompt.md",
  "turns/1/turn.json",
  "turns/1/scratch",
  "turns/1/alive",
  "turns/1/pid",
  "turns/1/agent",
  "turns/1/raw.jsonl",
  "events.jsonl",
  "turns/1/checks/1/started",
  "turns/1/checks/1/pid",
  "turns/1/checks/1/exit",
  "turns/1/outcome.json",
  "turns/1/exit",
  "turns/2/turn.json",
  "turns/2/outcome.json",
  "exits",
  "environments",
] as const;

/** Calls that make a step visible, and us in them by which each is made longer: time enough to be seen and killed. */
const STEPS = "mkdir,mkdirat,rename,renameat,renameat2,openat,unlink,unlinkat,clone,clone3,vfork";
const STEP_US = 4_000;

/** Ms in which every point of a job's life is reached, each step taking its time. */
const POINT_MS = 60_000;

export interface Attack {
  (site: Site, trial: Trial): Promise<void>;
}

export interface LoadOptions extends SettleOptions {
  kind?: Fault["kind"];
  cannot?: () => string | null;
  site?: SiteOptions;
}

/**
 * Jobs are started by several clients and watched by others while the attack goes on; then everything is counted. One at
 * least has a reply, and one a check, so that every point of a job's life is passed.
 */
export function underLoad(name: string, attack: Attack, options: LoadOptions = {}): Fault {
  const { kind = "round", cannot, site: siteOptions = {}, ...settling } = options;
  return {
    name,
    family: "crash points",
    kind,
    ...(cannot === undefined ? {} : { cannot }),
    async attempt(trial) {
      const { random } = trial;
      const config = { limits: { total: random.pick([1, 2, 4, 8, 20]) } };
      const site = trial.site({ ...siteOptions, config });
      const ledger = new Ledger(trial, site);
      const clients = Array.from({ length: 1 + random.below(3) }, () => site.client());
      const watcher = site.client();
      const jobs = 1 + random.below(random.pick([3, 8, MAX_JOBS]));
      const orders = Array.from({ length: jobs }, () => ledger.draw());
      const replied = ledger.draw({ endless: false, reply: true });
      // Before the others, so that its points are passed soon.
      replied.request.priority = 2;
      orders.push(replied, checkedJob(ledger));
      const plans = orders.map(() => ({
        client: random.pick(clients),
        afterMs: random.below(200),
        follow: random.pick([null, { from: 0 }, { from: random.below(12) }]),
        limit: 1 + random.below(20),
        isAwaited: random.below(2) === 0,
        cancelMs: random.below(400),
      }));
      ledger.listen(watcher);
      const starting = Promise.allSettled(orders.map(async (order, n) => {
        const plan = plans[n];
        if (plan === undefined) return;
        await pause(plan.afterMs);
        const id = await ledger.start(plan.client, order);
        if (plan.follow !== null) ledger.follow(plan.client, id, { ...plan.follow, limit: plan.limit });
        if (plan.isAwaited) ledger.wait(plan.client, id);
        if (!order.isEndless) return;
        await pause(plan.cancelMs);
        await ledger.cancel(plan.client, id);
      }));
      await attack(site, trial);
      const failed = (await starting).filter((start) => start.status === "rejected");
      for (const { reason } of failed) trial.find("wrong", `a start or cancel failed: ${reason}`);
      await ledger.settle(settling);
    },
  };
}

export async function kill(pid: number | null): Promise<void> {
  if (pid === null) return;
  signalIfAlive(pid, "SIGKILL");
  await eventually(() => !isAlive(pid), { what: "the daemon's end" });
}

/** Looks for `point` in every job directory, as fast as this process can. */
async function pointReached(site: Site, point: string, deadlineMs: number): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  while (performance.now() < deadline) {
    if (hasReached(site.home, point)) return true;
    await pause(0);
  }
  return false;
}

function hasReached(home: string, point: string): boolean {
  try {
    if (!point.includes(".") && !point.includes("/")) {
      return [...Deno.readDirSync(`${home}/${point}`)].some(({ name }) => !name.endsWith(".tmp"));
    }
    for (const { name } of Deno.readDirSync(`${home}/jobs`)) {
      try {
        Deno.lstatSync(`${home}/jobs/${name}/${point}`);
        return true;
      } catch {
        // Not yet.
      }
    }
  } catch {
    // There is no such directory yet.
  }
  return false;
}

/** Kills the daemon when it has made `count` calls of one kind in one of its threads, or at last after `ms`. */
export async function killAtCall(
  options: { pid: number; calls: string; count: number; ms: number },
): Promise<void> {
  const { pid, calls, count, ms } = options;
  await using tampering = await Tampering.with(pid, [{ calls, what: `signal=SIGKILL:when=${count}` }]);
  await Promise.race([tampering.over, pause(ms)]);
  await kill(pid);
}

/** Kills the daemon at a point, before its next step: each step is made to take a while. */
async function killAtPoint(site: Site, trial: Trial, point: string): Promise<void> {
  const pid = await site.daemonUp();
  await using _slow = await Tampering.with(pid, [{ calls: STEPS, what: `delay_exit=${STEP_US}` }]);
  const isReached = await pointReached(site, point, POINT_MS);
  await kill(pid);
  trial.expect(isReached, `nothing was tried: ${point} has not come`);
}

export const CRASH_POINTS: readonly Fault[] = [
  underLoad("kill -9 at random moments", async (site, { random }) => {
    for (let kills = 1 + random.below(4); kills > 0; kills--) {
      await pause(random.below(700));
      await kill(site.daemon());
    }
  }),
  underLoad("kill -9 when a file appears", async (site, { random }) => {
    const point = random.pick(POINTS);
    await pointReached(site, point, 2_000);
    const until = performance.now() + random.below(4);
    while (performance.now() < until);
    await kill(site.daemon());
  }),
  ...POINTS.map((point) =>
    underLoad(`kill -9 at the moment at which ${point} is there`, (site, trial) => {
      return killAtPoint(site, trial, point);
    }, { kind: "once", cannot: withoutStrace })
  ),
  underLoad("kill -9 at the nth system call", async (site, { random }) => {
    const calls = random.pick(CALLS);
    const count = 1 + random.below(random.pick([3, 20, 80]));
    const afterMs = random.below(300);
    await pause(afterMs);
    await killAtCall({ pid: await site.daemonUp(), calls, count, ms: 1_500 });
  }, { cannot: withoutStrace }),
  underLoad("kill -9 while adopting, several times", async (site, { random }) => {
    await pause(200 + random.below(500));
    let last = site.daemon();
    await kill(last);
    for (let kills = 1 + random.below(4); kills > 0; kills--) {
      last = await site.daemonUp(last);
      await pause(random.below(150));
      await kill(last);
    }
  }),
  underLoad("kill -9 at the nth system call of adopting", async (site, { random }) => {
    await pause(200 + random.below(500));
    const first = site.daemon();
    await kill(first);
    const calls = random.pick(CALLS);
    await killAtCall({
      pid: await site.daemonUp(first),
      calls,
      count: 1 + random.below(random.pick([3, 20])),
      ms: 1_000,
    });
  }, { cannot: withoutStrace }),
  underLoad("stopped for a while, then kill -9", async (site, { random }) => {
    await pause(random.below(500));
    const pid = site.signalDaemon("SIGSTOP");
    await pause(random.below(800));
    await kill(pid);
  }),
  underLoad("asked to leave with SIGTERM, then kill -9", async (site, { random }) => {
    await pause(random.below(500));
    const pid = site.signalDaemon("SIGTERM");
    await pause(random.below(60));
    await kill(pid);
  }),
];
