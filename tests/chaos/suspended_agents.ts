/**
 * Chaos, family "agents": agents that somebody has suspended (SIGSTOP), with and without their wrappers. They are not
 * dead, they can be ended all the same, and when they are continued (SIGCONT) they end as they would have.
 *
 * @module
 */
import { eventually } from "../support/eventually.ts";
import type { Fault, Trial } from "./fault.ts";
import { gatedJob, hasBegun } from "./gated_job.ts";
import { Ledger, type Order } from "./ledger.ts";
import { environmentOf, pause, processIds } from "./processes.ts";
import { signalIfAlive } from "../support/signals.ts";

/** Ms for which they are left alone: more than one look at the process of a silent turn. */
const SUSPENDED_MS = 3_000;

function processesOf(order: Order): number[] {
  const marker = `AGENT_ASYNC_JOB_ID=${order.acknowledged}`;
  return processIds().filter((pid) => environmentOf(pid).includes(marker));
}

/** Stops the agent and what it has started; with `whole` its wrapper, too. */
async function suspend(ledger: Ledger, order: Order, options: { whole: boolean }): Promise<void> {
  const path = `${ledger.site.home}/jobs/${order.acknowledged}/turns/1/pid`;
  const wrapper = Number.parseInt(Deno.readTextFileSync(path));
  const isMeant = (pid: number) => options.whole || pid !== wrapper;
  await eventually(() => {
    const pids = processesOf(order).filter(isMeant);
    for (const pid of pids) signalIfAlive(pid, "SIGSTOP");
    return pids.length > 0 && pids.every(isStopped);
  }, { what: `${order.token} to be stopped` });
}

function isStopped(pid: number): boolean {
  try {
    return /^State:\s+[TZ]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return true;
  }
}

/** Starts orders and waits until the agent of each has said its first word. */
async function begin(ledger: Ledger, orders: readonly Order[]): Promise<void> {
  const client = ledger.site.client();
  for (const order of orders) {
    const id = await ledger.start(client, order);
    ledger.follow(client, id);
  }
  await eventually(() => orders.every((order) => hasBegun(ledger, order)), {
    what: "agents",
    timeoutMs: 20_000,
  });
}

async function continued(trial: Trial): Promise<void> {
  const site = trial.site({ config: { limits: { total: 10 }, timeouts: { exit_grace_seconds: 1 } } });
  const ledger = new Ledger(trial, site);
  const gate = `${site.workspace("gate")}/go`;
  const orders = ["a", "b", "c", "d"].map((token) => gatedJob(ledger, { token, gate }));
  await begin(ledger, orders);
  for (const [n, order] of orders.entries()) await suspend(ledger, order, { whole: n % 2 === 0 });
  // The next daemon adopts them as they are.
  await pause(SUSPENDED_MS / 2);
  site.signalDaemon("SIGKILL");
  await pause(SUSPENDED_MS / 2);
  Deno.writeTextFileSync(gate, "");
  const client = site.client();
  const { jobs } = await client.list({ limit: 100 });
  for (const { job_id, status } of jobs) {
    trial.expect(status === "running", `${job_id}, whose agent is suspended, is ${status}`);
  }
  for (const order of orders) for (const pid of processesOf(order)) signalIfAlive(pid, "SIGCONT");
  await ledger.settle();
}

async function ended(trial: Trial): Promise<void> {
  const site = trial.site({ config: { limits: { total: 10 } } });
  const ledger = new Ledger(trial, site);
  const cancelled = ["a", "b", "c"].map((token) =>
    gatedJob(ledger, { token, gate: null, becomes: { status: "cancelled", reason: "cancelled" } })
  );
  const limited = ["d", "e"].map((token) =>
    gatedJob(ledger, {
      token,
      gate: null,
      timeoutSeconds: 4,
      becomes: { status: "error", reason: "timed_out" },
    })
  );
  await begin(ledger, [...cancelled, ...limited]);
  for (const [n, order] of [...cancelled, ...limited].entries()) {
    await suspend(ledger, order, { whole: n % 2 === 0 });
  }
  const client = site.client();
  const begun = performance.now();
  await Promise.all(cancelled.map((order) => ledger.cancel(client, String(order.acknowledged))));
  const ms = performance.now() - begun;
  trial.expect(ms < 15_000, `the cancel of suspended agents took ${Math.round(ms)} ms`);
  await ledger.settle();
}

function once(name: string, attempt: Fault["attempt"]): Fault {
  return { name, family: "agents", kind: "once", attempt };
}

export const SUSPENDED_AGENT_FAULTS: readonly Fault[] = [
  once("suspended, adopted, then continued", continued),
  once("suspended, then cancelled or timed out", ended),
];
