/**
 * Chaos, family "machine": full and read-only disks, no descriptors, stopped processes, damaged, old and newer files.
 * Each has to give a clear error, replace nothing silently, and pass when its cause does.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import type { RemoteService } from "../../src/service/remote/service.ts";
import { eventually } from "../support/eventually.ts";
import type { Fault, Trial } from "./fault.ts";
import { Ledger, type Order } from "./ledger.ts";
import { CANNOT_MOUNT, mountSmallDisk } from "../support/small_disk.ts";
import { pause } from "./processes.ts";
import type { Site } from "./site.ts";

/** Bytes of the small file system: a store, some logs, and little else. */
const SMALL_DISK = "12m";

const cannotMount = () => CANNOT_MOUNT;

async function run(command: string, ...args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output();
  return success;
}

/** Puts the state directory on a file system of its own. */
function onSmallDisk(site: Site): Disposable {
  const config = Deno.readTextFileSync(`${site.home}/config.json`);
  const disk = mountSmallDisk(site.home, SMALL_DISK);
  Deno.writeTextFileSync(`${site.home}/config.json`, config, { mode: 0o600 });
  return disk;
}

function fillDisk(site: Site): void {
  using file = Deno.openSync(`${site.home}/filler`, { write: true, create: true });
  const block = new Uint8Array(65_536);
  try {
    for (;;) file.writeSync(block);
  } catch {
    // Full.
  }
}

/** The message of a start that has to be refused, and to leave nothing behind. */
async function refusedStart(
  trial: Trial,
  client: RemoteService,
  site: Site,
  expected: RegExp,
): Promise<void> {
  const origin = { env: site.state.env, session: "chaos" };
  try {
    const { job_id } = await client.start({ agent: "codex", prompt: "say x", cwd: site.state.cwd, origin });
    trial.find("wrong", `${job_id} was accepted though nothing can be written`);
  } catch (error) {
    trial.expect(expected.test(String(error)), `the refusal says: ${error}`);
  }
}

async function diskFull(trial: Trial): Promise<void> {
  const site = trial.site({ config: { limits: { total: 8 } } });
  using _disk = onSmallDisk(site);
  const ledger = new Ledger(trial, site);
  const client = site.client();
  const go = `${site.workspace("gate")}/go`;
  for (let n = 0; n < 3; n++) await ledger.start(client, quietOrder(trial, ledger, go));
  const noisy = await Promise.all([1, 2, 3].map((n) => startNoisy(site, client, n)));
  trial.findings.jobs += noisy.length;
  await pause(trial.random.below(300));
  fillDisk(site);
  await refusedStart(trial, client, site, /full|space/i);
  const daemon = site.daemon();
  await pause(500 + trial.random.below(1_500));
  trial.expect(site.daemon() === daemon, "the daemon did not survive a full disk");
  Deno.removeSync(`${site.home}/filler`);
  Deno.writeTextFileSync(go, "");
  // What an agent itself could not write is not there. But its job ends, and is told in order.
  const { unfinished } = await client.wait({ job_ids: noisy, mode: "all", timeout_seconds: 60 });
  for (const { job_id } of unfinished) {
    trial.find("lost", `${job_id} did not end after the disk had been full`);
  }
  for (const job_id of noisy) {
    const { events } = await client.events({ job_id, limit: 500 });
    trial.expect(events.every((event, n) => event.seq === n + 1), `events of ${job_id} do not count`);
    ledger.adopt(job_id);
  }
  await ledger.settle({ mayLog: /disk is full|os error 28/ });
}

/** Says something, waits for the file, says something more. */
function quietOrder(trial: Trial, ledger: Ledger, go: string): Order {
  const token = `q${trial.seed}-${ledger.orders.length}`;
  const messages = [`${token} before`, `${token} after`];
  const prompt = [
    `run echo x >>'${ledger.ledgerFile(token)}'`,
    `say ${messages[0]}`,
    `wait ${go}`,
    `say ${messages[1]}`,
  ];
  return ledger.add({
    token,
    isEndless: false,
    reply: null,
    cwd: ledger.site.workspace(`work-${token}`),
    script: {
      prompt: prompt.join("\n"),
      expected: { status: "done", reason: "completed", exitCode: 0, result: messages[1] ?? null, messages },
    },
  });
}

async function startNoisy(site: Site, client: RemoteService, n: number): Promise<string> {
  const lines = Array.from({ length: 40 }, (_, line) => `say line ${line}\nsleep 0.05`);
  const { job_id } = await client.start({
    agent: "codex",
    prompt: lines.join("\n"),
    cwd: site.workspace(`noisy-${n}`),
    origin: { env: site.state.env, session: "chaos" },
  });
  return job_id;
}

async function diskFullAtStart(trial: Trial): Promise<void> {
  const site = trial.site();
  using _disk = onSmallDisk(site);
  fillDisk(site);
  const impatient = site.client({ startTimeoutMs: 15_000 });
  const said = await impatient.list({}).then(() => "nothing", String);
  trial.expect(/full|space|cannot start/i.test(said), `without room for a store the client is told: ${said}`);
  Deno.removeSync(`${site.home}/filler`);
  const ledger = new Ledger(trial, site);
  await ledger.start(site.client(), ledger.draw({ endless: false }));
  await ledger.settle();
}

async function readOnly(trial: Trial): Promise<void> {
  const site = trial.site();
  using _disk = onSmallDisk(site);
  const ledger = new Ledger(trial, site);
  const client = site.client();
  const id = await ledger.start(client, ledger.draw({ endless: false, reply: false }));
  await client.wait({ job_ids: [id], timeout_seconds: 30 });
  await client.stop();
  // Not while the daemon that has just left still holds a file.
  await eventually(() => run("mount", "-o", "remount,ro", site.home), { what: "a read-only directory" });
  const impatient = site.client({ startTimeoutMs: 10_000 });
  await refusedStart(trial, impatient, site, /read-only|readonly|os error 30|cannot|unable/i);
  await run("mount", "-o", "remount,rw", site.home);
  await ledger.settle();
}

async function suspended(trial: Trial): Promise<void> {
  const site = trial.site({ config: { limits: { total: 4 } } });
  const ledger = new Ledger(trial, site);
  const client = site.client();
  for (let n = 0; n < 6; n++) {
    const id = await ledger.start(client, ledger.draw({ endless: false }));
    ledger.follow(client, id);
    ledger.wait(client, id);
  }
  const pid = site.signalDaemon("SIGSTOP");
  await pause(3_000);
  trial.expect(site.daemon() === pid, "a suspended daemon was replaced");
  site.signalDaemon("SIGCONT");
  await ledger.settle();
}

/** Ends the daemon in order, does something to the database, and looks at what comes of the jobs. */
async function damaged(
  trial: Trial,
  damage: (path: string, client: RemoteService) => void | Promise<void>,
): Promise<void> {
  const site = trial.site();
  const ledger = new Ledger(trial, site);
  const client = site.client();
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push(await ledger.start(client, ledger.draw({ endless: false })));
  for (const id of ids) await client.wait({ job_ids: [id], timeout_seconds: 30, mode: "all" });
  await eventually(async () => (await client.list({ status: "running" })).jobs.length === 0, {
    what: "ends",
  });
  const before = await Promise.all(ids.map((id) => client.poll({ job_id: id })));
  await client.stop();
  await damage(`${site.home}/queue.db`, client);
  const after = await Promise.all(ids.map((id) => client.poll({ job_id: id }).catch(String)));
  after.forEach((job, n) => {
    if (typeof job === "string") trial.find("lost", `${ids[n]} after the damage: ${job}`);
    else {
      const was = before[n];
      const isSame = was?.status === job.status && was.result === job.result && was.cursor === job.cursor;
      trial.expect(isSame, `${ids[n]} was ${was?.status}, is ${job.status}`);
    }
  });
  trial.expect(site.log().some((line) => /damaged|rebuilt/.test(line)), "nothing was said of the damage");
  await ledger.abandon();
}

/** Nothing is done behind the back of whoever put it there: it is named, and what to do helps. */
async function directoryInPlace(trial: Trial): Promise<void> {
  await damaged(trial, async (path, client) => {
    Deno.removeSync(path);
    Deno.mkdirSync(path);
    const said = await client.list({}).then(() => "nothing", String);
    trial.expect(said.includes(`Cannot use ${path}: it is a directory`), `of a directory is told: ${said}`);
    Deno.renameSync(path, `${path}.old`);
  });
}

async function newerStore(trial: Trial): Promise<void> {
  const site = trial.site();
  const client = site.client();
  await client.list({});
  await client.stop();
  const path = `${site.home}/queue.db`;
  const database = new DatabaseSync(path);
  const newer = new Uint8Array(8);
  newer[0] = 250;
  const key = new Uint8Array([2, ...new TextEncoder().encode("schema"), 0]);
  database.prepare("update kv set v = ? where k = ?").run(newer, key);
  database.close();
  const size = Deno.statSync(path).size;
  const said = await site.client({ startTimeoutMs: 15_000 }).list({}).then(() => "nothing", String);
  trial.expect(/version 250/.test(said), `of a newer store the client is told: ${said}`);
  trial.expect(Deno.statSync(path).size === size, "the newer store was touched");
}

async function deletedDirectory(trial: Trial): Promise<void> {
  const site = trial.site();
  const ledger = new Ledger(trial, site);
  const client = site.client();
  await client.list({});
  const before = site.daemon();
  Deno.removeSync(site.home, { recursive: true });
  await ledger.start(site.client(), ledger.draw({ endless: false }));
  trial.expect(site.daemon() !== before, "the daemon serves a directory that is gone");
  await ledger.settle();
}

async function openPermissions(trial: Trial): Promise<void> {
  const site = trial.site();
  const client = site.client();
  await client.list({});
  await client.stop();
  for (const path of [site.home, `${site.home}/jobs`, `${site.home}/exits`]) Deno.chmodSync(path, 0o777);
  await site.client().list({});
  for (const path of [site.home, `${site.home}/jobs`, `${site.home}/exits`]) {
    const mode = (Deno.statSync(path).mode ?? 0) & 0o777;
    trial.expect(mode === 0o700, `${path} stays ${mode.toString(8)}`);
  }
}

function once(name: string, attempt: Fault["attempt"], cannot?: () => string | null): Fault {
  return { name, family: "machine", kind: "once", attempt, ...(cannot === undefined ? {} : { cannot }) };
}

export const MACHINE_FAULTS: readonly Fault[] = [
  once("disk full under running jobs", diskFull, cannotMount),
  once("disk full at the first start", diskFullAtStart, cannotMount),
  once("read-only state directory", readOnly, cannotMount),
  once("daemon suspended for 3 s", suspended),
  once(
    "queue.db is garbage",
    (trial) => damaged(trial, (path) => Deno.writeTextFileSync(path, "garbage".repeat(999))),
  ),
  once("queue.db is truncated", (trial) => damaged(trial, (path) => Deno.truncateSync(path, 5_000))),
  once("queue.db is empty", (trial) => damaged(trial, (path) => Deno.truncateSync(path, 0))),
  once("queue.db is gone", (trial) => damaged(trial, (path) => Deno.removeSync(path))),
  once("queue.db is a directory", directoryInPlace),
  once("queue.db is from a newer version", newerStore),
  once("state directory deleted under a daemon", deletedDirectory),
  once("permissions too open", openPermissions),
];
