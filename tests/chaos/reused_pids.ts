/**
 * Chaos, family "machine": the pids of a job's processes are given to strangers while no daemon is there. The next
 * daemon must take none of them for the job's, and signal none.
 *
 * @module
 */
import { isAlive } from "../support/program.ts";
import { eventually } from "../support/eventually.ts";
import type { Fault, Trial } from "./fault.ts";
import { gatedJob, hasBegun } from "./gated_job.ts";
import { Ledger, type Order } from "./ledger.ts";
import { noPidNamespace, PidNamespace } from "./pid_namespace.ts";
import { environmentOf, processIds } from "./processes.ts";
import { signalIfAlive } from "../support/signals.ts";

/** The pids that the files of a job's first turn name, as they are inside: the wrapper's and the agent's. */
function recordedPids(home: string, id: string): number[] {
  return ["pid", "agent"].map((name) => {
    const pid = Number.parseInt(Deno.readTextFileSync(`${home}/jobs/${id}/turns/1/${name}`));
    if (!(pid > 0)) throw new Error(`There is no pid in ${name} of job ${id}`);
    return pid;
  });
}

function processesOf(id: string): number[] {
  return processIds().filter((pid) => environmentOf(pid).includes(`AGENT_ASYNC_JOB_ID=${id}`));
}

async function reusedPids(trial: Trial): Promise<void> {
  const launcher: string[] = [];
  const site = trial.site({ config: { limits: { total: 10 } }, launcher });
  const namespace = await PidNamespace.create(site.home);
  launcher.push(...namespace.launcher);
  const ledger = new Ledger(trial, site);
  const gates = site.workspace("gates");
  const becomes = { status: "error", reason: "lost" } as const;
  const killed = gatedJob(ledger, { token: "killed", gate: null, becomes });
  // Without its FIFO there is nothing but the pid to tell whether it lives.
  const bare = gatedJob(ledger, { token: "bare", gate: null, becomes });
  const finished = gatedJob(ledger, { token: "finished", gate: `${gates}/now` });
  const alive = gatedJob(ledger, { token: "alive", gate: `${gates}/later` });
  const orders = [killed, bare, finished, alive];
  const client = site.client();
  for (const order of orders) await ledger.start(client, order);
  await eventually(() => orders.every((order) => hasBegun(ledger, order)), {
    what: "agents",
    timeoutMs: 20_000,
  });
  const id = (order: Order) => String(order.acknowledged);
  const gone = [killed, bare, finished];
  const pids = gone.flatMap((order) => recordedPids(site.home, id(order)));
  for (const pid of pids) trial.expect(namespace.isTaken(pid), `${pid} is not a pid inside of the namespace`);

  // Nobody calls, so nobody starts the next daemon before all of this has happened.
  await namespace.killDaemon();
  for (const order of [killed, bare]) {
    for (const pid of processesOf(id(order))) signalIfAlive(pid, "SIGKILL");
  }
  Deno.removeSync(`${site.home}/jobs/${id(bare)}/turns/1/alive`);
  Deno.writeTextFileSync(`${gates}/now`, "");
  await eventually(() => pids.every((pid) => !namespace.isTaken(pid)), { what: "free pids" });
  const strangers: number[] = [];
  for (const pid of pids) strangers.push(await namespace.stranger(pid));

  const live = await client.poll({ job_id: id(alive) });
  trial.expect(live.status === "running", `the job whose agent lives is ${live.status}`);
  for (const order of gone) {
    await client.wait({ job_ids: [id(order)], timeout_seconds: 30 });
    await client.cancel({ job_id: id(order) });
  }
  Deno.writeTextFileSync(`${gates}/later`, "");
  await ledger.settle();
  strangers.forEach((pid, n) => {
    const isThere = isAlive(pid) && namespace.innerPid(pid) === pids[n];
    trial.expect(isThere, `a stranger with the pid ${pids[n]} of a job was ended`);
    signalIfAlive(pid, "SIGKILL");
  });
}

export const REUSED_PID_FAULTS: readonly Fault[] = [
  {
    name: "pids of dead agents given to strangers",
    family: "machine",
    kind: "once",
    cannot: noPidNamespace,
    attempt: reusedPids,
  },
];
