/**
 * Chaos, family "machine": an old copy of the state directory is put back, under a running daemon or between two. What
 * has happened since cannot all be known any more; but what is told has to be true of the copy or of the present, no
 * job hangs or runs twice, nothing is left running, and the next start is as good as any.
 *
 * @module
 */
import { isFinished } from "../../src/domain/job/reason.ts";
import type { RemoteService } from "../../src/service/remote/service.ts";
import { eventually } from "../support/eventually.ts";
import type { Fault, Trial } from "./fault.ts";
import { gatedJob, hasBegun } from "./gated_job.ts";
import { Ledger, type Order } from "./ledger.ts";

/** Ms until a daemon has noticed, and the next one answers. */
const RECOVERY_MS = 40_000;

/**
 * `replaced`: everything is removed, then copied; `unpacked`: as from an archive, each file anew, the socket stays;
 * `overwritten`: into the files that are there.
 */
type Manner = "replaced" | "unpacked" | "overwritten";

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args, stdin: "null" }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
}

/** Copies what a daemon works on: begun again when a file of temporary name went meanwhile. */
async function copyAway(home: string, copy: string): Promise<void> {
  await eventually(async () => {
    await run("rm", "-rf", copy);
    return await run("cp", "-a", home, copy).then(() => true, () => false);
  }, { what: "a whole copy of the state directory" });
}

async function putBack(copy: string, home: string, manner: Manner): Promise<void> {
  switch (manner) {
    case "replaced":
      Deno.removeSync(home, { recursive: true });
      return await run("cp", "-a", copy, home);
    case "unpacked":
      return await run("sh", "-c", 'tar -C "$0" -cf - . 2>/dev/null | tar -C "$1" -xf -', copy, home);
    case "overwritten":
      return overwrite(copy, home);
  }
}

function overwrite(from: string, to: string): void {
  for (const { name, isFile, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) {
      Deno.mkdirSync(`${to}/${name}`, { recursive: true, mode: 0o700 });
      overwrite(`${from}/${name}`, `${to}/${name}`);
    } else if (isFile) Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}

async function restored(trial: Trial, manner: Manner, when: "under" | "between"): Promise<void> {
  const site = trial.site({ config: { limits: { total: 10 }, timeouts: { daemon_idle_seconds: 8 } } });
  const ledger = new Ledger(trial, site);
  const client = site.client();
  const gates = site.workspace("gates");
  const open = (name: string) => Deno.writeTextFileSync(`${gates}/${name}`, "");
  const job = (token: string, gate: string) => gatedJob(ledger, { token, gate: `${gates}/${gate}` });
  const [ended, early, late] = [job("ended", "first"), job("early", "second"), job("late", "third")];
  const orders = [ended, early, late];
  for (const order of orders) await ledger.start(client, order);
  await eventually(() => orders.every((order) => hasBegun(ledger, order)), {
    what: "agents",
    timeoutMs: 20_000,
  });
  open("first");
  await client.wait({ job_ids: [String(ended.acknowledged)], timeout_seconds: 30 });
  const copy = `${site.workspace("backup")}/state`;
  await copyAway(site.home, copy);

  const [fresh, lasting] = [job("fresh", "second"), job("lasting", "third")];
  for (const order of [fresh, lasting]) await ledger.start(client, order);
  await eventually(() => [fresh, lasting].every((order) => hasBegun(ledger, order)), { what: "agents" });
  open("second");
  for (const { acknowledged } of [early, fresh]) {
    await client.wait({ job_ids: [String(acknowledged)], timeout_seconds: 30 });
  }
  if (when === "between") await client.stop();
  await putBack(copy, site.home, manner);
  if (when === "under") {
    // The daemon that was there may go on, or leave for the next one; what it answers until then counts, too.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
  }

  const again = site.client();
  await eventually(() => again.list({}), { what: "an answer after all", timeoutMs: RECOVERY_MS });
  open("third");
  const next = gatedJob(ledger, { token: "next", gate: `${gates}/third` });
  await ledger.start(again, next);
  const isOver = async () => {
    const { jobs } = await again.list({ limit: 100 });
    return jobs.every((one) => isFinished(one.status));
  };
  await eventually(isOver, { what: "ends", timeoutMs: RECOVERY_MS }).catch(() => {});
  for (const { job_id, status } of (await again.list({ limit: 100 })).jobs) {
    if (!isFinished(status)) trial.find("lost", `${job_id} is ${status} for ever`);
  }
  await check(trial, again, { known: [early, late], unknown: [fresh, lasting], whole: [ended, next] });
  for (const order of ledger.orders) {
    const runs = Deno.readTextFileSync(ledger.ledgerFile(order.token)).trim().split("\n").length;
    if (runs !== 1) trial.find("doubled", `${order.token} ran ${runs} times`);
  }
  const ids = new Set(ledger.orders.map((order) => String(order.acknowledged)));
  await eventually(() => site.jobProcesses(ids).length === 0, { what: "the end of all agents" }).catch(
    () => {},
  );
  for (const process of site.jobProcesses(ids)) trial.find("left", process);
  await eventually(() => site.daemons().length === 1, { what: "one daemon", timeoutMs: RECOVERY_MS })
    .catch(() => trial.find("left", `${site.daemons().length} daemons serve the directory`));
  // What was told last is there when the next daemon comes.
  const before = await again.list({ limit: 100 });
  await again.stop();
  const after = await again.list({ limit: 100 });
  trial.expect(
    JSON.stringify(after.jobs) === JSON.stringify(before.jobs),
    `${before.total} jobs were there, and after a restart ${after.total}, or they are told in another way`,
  );
  await ledger.abandon();
}

interface Checked {
  /** In the copy as running. */
  known: Order[];
  /** Not in the copy. */
  unknown: Order[];
  /** Over before the copy, or begun after it was put back. */
  whole: Order[];
}

async function check(trial: Trial, client: RemoteService, { known, unknown, whole }: Checked): Promise<void> {
  for (const order of [...known, ...unknown, ...whole]) {
    const { token, script, acknowledged } = order;
    const job = await client.poll({ job_id: String(acknowledged) }).catch(String);
    if (typeof job === "string") {
      const isForgotten = unknown.includes(order) && /no job/i.test(job);
      if (!isForgotten) trial.find("lost", `${token} (${acknowledged}): ${job}`);
      continue;
    }
    const isWell = job.status === "done" && job.result === script.expected.result;
    // What its agent said since the copy was made is gone with its file: then nobody can say that it is done.
    const isUnknown = job.status === "error" &&
      ["lost", "no_result", "spawn_failed"].includes(job.reason ?? "");
    trial.expect(
      isWell || (!whole.includes(order) && isUnknown),
      `${token} (${acknowledged}) is ${job.status}/${job.reason}: ${job.error ?? job.result}`,
    );
  }
}

const WHENS = { under: "under a daemon", between: "between two daemons" } as const;

export const RESTORED_COPY_FAULTS: readonly Fault[] = (["replaced", "unpacked", "overwritten"] as const)
  .flatMap(
    (manner) =>
      (["under", "between"] as const).map((when): Fault => ({
        name: `state directory ${manner} from an old copy ${WHENS[when]}`,
        family: "machine",
        kind: "once",
        attempt: (trial) => restored(trial, manner, when),
      })),
  );
