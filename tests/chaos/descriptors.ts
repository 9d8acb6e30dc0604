/**
 * Chaos, family "machine": too few file descriptors, and what a daemon still holds when its work is done.
 *
 * @module
 */
import { socketPathNow } from "../../src/daemon/endpoint/socket_path.ts";
import { eventually } from "../support/eventually.ts";
import type { Fault, Trial } from "./fault.ts";
import { gatedJob, hasBegun } from "./gated_job.ts";
import { Ledger } from "./ledger.ts";
import { hasProgram } from "../support/has_program.ts";
import { pause, resources } from "./processes.ts";
import type { Site } from "./site.ts";

/** In front of a daemon's command; what the daemon says last is kept. */
const SCARCE = ["sh", "-c", 'exec prlimit --nofile=90:90 "$@" 2>>"$AGENT_ASYNC_HOME/stderr.txt"', "sh"];

const withoutPrlimit = () => hasProgram("prlimit") ? null : "prlimit is not installed";

async function fewDescriptors(trial: Trial): Promise<void> {
  const site = trial.site({
    config: { limits: { total: 40 } },
    launcher: SCARCE,
  });
  const ledger = new Ledger(trial, site);
  const clients = Array.from({ length: 10 }, () => site.client());
  await Promise.all(clients.map((client) => client.list({})));
  const daemon = site.daemon();
  const starts = await Promise.allSettled(
    Array.from(
      { length: 40 },
      (_, n) => ledger.start(clients[n % 10] ?? site.client(), ledger.draw({ endless: false, reply: false })),
    ),
  );
  const refused = starts.filter((start) => start.status === "rejected");
  for (const { reason } of refused) {
    trial.expect(
      /files|descriptor|os error 24|EMFILE|unable to open/i.test(String(reason)),
      `a start says: ${reason}`,
    );
  }
  // A job that no descriptor was left for is told as one that could not be started; none may hang or run twice.
  const looker = clients[0] ?? site.client();
  const active = async () => {
    const { jobs } = await looker.list({ limit: 100 });
    return jobs.filter((job) => /pending|running/.test(job.status));
  };
  await eventually(async () => (await active()).length === 0, { what: "ends", timeoutMs: 60_000 }).catch(
    () => {},
  );
  for (const job of await active()) trial.find("lost", `${job.job_id} is ${job.status} for ever`);
  if (site.daemon() !== daemon && !hasDenoPanicked(site)) {
    trial.find("wrong", `the daemon ${daemon} is now ${site.daemon()}: ${lastWords(site)}`);
  }
  await ledger.abandon();
}

/** Those who connect and say nothing take every descriptor there is; when they have left, all goes on. */
async function takenByConnections(trial: Trial): Promise<void> {
  const site = trial.site({ config: { limits: { total: 10 } }, launcher: SCARCE });
  const ledger = new Ledger(trial, site);
  const client = site.client();
  const gate = `${site.workspace("gate")}/go`;
  const orders = ["a", "b", "c", "d", "e"].map((token) => gatedJob(ledger, { token, gate }));
  for (const order of orders) await ledger.start(client, order);
  await eventually(() => orders.every((order) => hasBegun(ledger, order)), { what: "agents" });
  const daemon = site.daemon();
  const path = await socketPathNow(site.home) ?? "";
  const dialled = await Promise.allSettled(
    Array.from({ length: 120 }, () => Deno.connect({ transport: "unix", path })),
  );
  const silent = dialled.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  const waits = Promise.allSettled(
    orders.map((order) => client.wait({ job_ids: [String(order.acknowledged)], timeout_seconds: 60 })),
  );
  Deno.writeTextFileSync(gate, "");
  await pause(3_000);
  for (const connection of silent) connection.close();
  for (const wait of await waits) {
    // Its answer may need a descriptor, too.
    const isTold = wait.status === "fulfilled" || /too many open files/i.test(String(wait.reason));
    trial.expect(isTold, `a wait was answered ${wait.status === "rejected" ? wait.reason : "well"}`);
  }
  await eventually(() => [...Deno.readDirSync(`${site.home}/exits`)].length === 0, {
    what: "what had to wait for a descriptor",
  }).catch(() => {});
  // Settling may restart it.
  const now = site.daemon();
  await ledger.settle({ mayLog: /os error 24|unable to open/ });
  const refused = dialled.length - silent.length;
  if ((refused > 0 || now !== daemon) && !hasDenoPanicked(site)) {
    trial.find("wrong", `the daemon ${daemon} is now ${now}, ${refused} refused: ${lastWords(site)}`);
  }
}

/** What daemons said on stderr. */
function lastWords(site: Site): string {
  try {
    return Deno.readTextFileSync(`${site.home}/stderr.txt`);
  } catch {
    return "";
  }
}

/**
 * Run from source, Deno 2.9.6 itself dies now and then in want of a descriptor: for the first error in some file it
 * reads that file's source map, cannot open it, compiles the file again instead, and the library which asks for the
 * size of the stack then (stacker 0.1.15) insists on `/proc/self/maps`. Seen under strace. An executable has its source maps in
 * it. What counts here is that the next daemon takes over without a loss.
 */
function hasDenoPanicked(site: Site): boolean {
  const isFromSource = Deno.env.get("AGENT_ASYNC_TEST_EXECUTABLE") === undefined;
  const hasPanicked = /panicked at \S*\/stacker-/.test(lastWords(site));
  if (hasPanicked) {
    console.error("    the daemon died of a panic of Deno's own (stacker), as it does from source");
  }
  return isFromSource && hasPanicked;
}

/** The same calls again and again: what grows with each is a leak. */
async function noLeak(trial: Trial): Promise<void> {
  const site = trial.site({ config: { limits: { total: 8 } } });
  const ledger = new Ledger(trial, site);
  const client = site.client();
  await client.list({});
  const daemon = site.daemon() ?? 0;
  const round = async () => {
    const orders = Array.from({ length: 20 }, () => ledger.draw({ endless: false }));
    const ids = await Promise.all(orders.map((order) => ledger.start(client, order)));
    await client.wait({ job_ids: ids, mode: "all", timeout_seconds: 60 });
  };
  await round();
  const before = resources(daemon);
  for (let n = 0; n < 3; n++) await round();
  await eventually(() => resources(daemon).descriptors <= before.descriptors + 3, {
    what: `descriptors to be ${before.descriptors} again`,
    timeoutMs: 15_000,
  });
  const grown = (resources(daemon).residentBytes - before.residentBytes) / 2 ** 20;
  trial.expect(grown < 60, `the daemon has grown by ${Math.round(grown)} MiB over 60 jobs`);
  await ledger.settle();
}

export const DESCRIPTOR_FAULTS: readonly Fault[] = [
  {
    name: "90 file descriptors for 40 jobs",
    family: "machine",
    kind: "once",
    cannot: withoutPrlimit,
    attempt: fewDescriptors,
  },
  {
    name: "all file descriptors taken by 120 silent connections",
    family: "machine",
    kind: "once",
    cannot: withoutPrlimit,
    attempt: takenByConnections,
  },
  { name: "descriptors and memory over 80 jobs", family: "machine", kind: "once", attempt: noLeak },
];
