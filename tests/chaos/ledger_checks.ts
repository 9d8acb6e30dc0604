/**
 * Chaos: the looks at one job, at the files and at the store, once everything has ended.
 *
 * @module
 */
import { join } from "node:path";
import { isFinished } from "../../src/domain/job/reason.ts";
import type { JobResult } from "../../src/domain/job/result.ts";
import type { RemoteService } from "../../src/service/remote/service.ts";
import { eventually } from "../support/eventually.ts";
import { inspectDatabase } from "../../src/store/database/database_file.ts";
import { checkChecks } from "./checked_job.ts";
import type { Ledger, Order } from "./ledger.ts";
import type { Expected } from "./script.ts";

/** One round in so many ends with a look at the database itself, and a restart. */
const RESTARTS_EACH = 3;

/** Cursors of one job that are tried, one call each. */
const MAX_CURSORS = 30;

/** Outcome, executions and events of one job. */
export async function checkJob(ledger: Ledger, client: RemoteService, order: Order): Promise<void> {
  const { trial } = ledger;
  const { token, acknowledged } = order;
  if (acknowledged === null) return trial.find("lost", `${token} was never accepted`);
  const job = await client.poll({ job_id: acknowledged }).catch((error) => String(error));
  if (typeof job === "string") return trial.find("lost", `${token} (${acknowledged}): ${job}`);
  if (!isFinished(job.status)) {
    return trial.find("lost", `${token} (${acknowledged}) is ${job.status} for ever`);
  }
  checkOutcome(ledger, job, order);
  for (const [name, isOptional] of [[token, order.isEndless], [`${token}r`, true]] as const) {
    const runs = ledger.executions(name);
    if (name !== token && order.reply === null) continue;
    if (runs > 1) trial.find("doubled", `${name} (${acknowledged}) ran ${runs} times`);
    if (runs === 0 && !isOptional) trial.find("lost", `${name} (${acknowledged}) never ran`);
  }
  await checkEvents(ledger, client, job, order);
  await checkChecks(ledger, client, { order, job });
}

function checkOutcome({ trial }: Ledger, job: JobResult, order: Order): void {
  const expected = (order.reply ?? order.script).expected;
  const found = { status: job.status, reason: job.reason, exit_code: job.exit_code, result: job.result };
  const isRight = found.status === expected.status && found.reason === expected.reason &&
    (expected.exitCode === undefined || found.exit_code === expected.exitCode) &&
    (expected.result === undefined || found.result === expected.result);
  trial.expect(
    isRight,
    `${order.token} (${job.job_id}) is ${JSON.stringify(found)}: ${job.error ?? ""}; ` +
      `expected ${JSON.stringify(withoutMessages(expected))}`,
  );
}

/** The event log whole, and what each reader made of it. */
async function checkEvents(
  ledger: Ledger,
  client: RemoteService,
  job: JobResult,
  order: Order,
): Promise<void> {
  const { trial } = ledger;
  const name = `${order.token} (${job.job_id})`;
  const seqs: number[] = [];
  const texts: string[] = [];
  const states: string[] = [];
  for (let cursor = 0, more = true; more;) {
    const page = await client.events({ job_id: job.job_id, cursor, limit: 500, truncate: 0 });
    for (const event of page.events) {
      seqs.push(event.seq);
      if (event.type === "message") texts.push(String(event.text));
      if (event.type === "status") states.push(`${event.turn} ${event.state}`);
    }
    ({ cursor, more } = page);
  }
  trial.expect(isCounting(seqs), `events of ${name} are numbered ${seqs.join(" ")}`);
  trial.expect(new Set(states).size === states.length, `${name} says its states twice: ${states.join(", ")}`);
  if (!order.isEndless) {
    const expected = [...order.script.expected.messages, ...order.reply?.expected.messages ?? []];
    trial.expect(
      isSame(texts, expected),
      `${name} said ${JSON.stringify(texts)}, not ${JSON.stringify(expected)}`,
    );
    const transcript = Deno.readTextFileSync(join(ledger.site.home, "jobs", job.job_id, "output.txt"));
    for (const text of expected) {
      const times = transcript.split(text).length - 1;
      // What a check prints stands there as well.
      const isRight = order.checkRuns === undefined ? times === 1 : times >= 1;
      trial.expect(isRight, `the transcript of ${name} has ${times} times ${JSON.stringify(text)}`);
    }
  }
  for (const read of ledger.reads.filter((read) => read.jobId === job.job_id)) {
    trial.expect(read.isWhole, `a reader of ${name} did not come to its end`);
    const due = seqs.filter((seq) => seq > read.from);
    trial.expect(
      !read.isWhole || isSame(read.seqs, due),
      `a reader of ${name} from ${read.from} on got ${read.seqs.join(" ")} of ${seqs.length} events`,
    );
    const isRead = !read.isWhole || read.from > 0 || isSame(read.texts, texts);
    trial.expect(isRead, `a reader of ${name} read other messages`);
  }
  await checkCursors(ledger, client, { name, jobId: job.job_id, seqs });
}

/** Whoever reads on after any event gets those that follow it, however many the page has. */
async function checkCursors(
  { trial }: Ledger,
  client: RemoteService,
  { name, jobId, seqs }: { name: string; jobId: string; seqs: readonly number[] },
): Promise<void> {
  for (let cursor = 1; cursor <= Math.min(seqs.length, MAX_CURSORS); cursor++) {
    const page = await client.events({ job_id: jobId, cursor, limit: 500 });
    const got = page.events.map(({ seq }) => seq);
    const due = seqs.slice(cursor);
    const isRight = isSame(got, due.slice(0, got.length)) && page.more === (got.length < due.length);
    trial.expect(isRight, `after cursor ${cursor} ${name} has ${got.join(" ")} of ${seqs.length} events`);
  }
}

/** Each end is told once to each who hears of them all, unless it may be repeated. */
export function checkEnds(
  { trial, heard }: Ledger,
  due: readonly string[],
  { mayRepeatEnds }: { mayRepeatEnds: boolean },
): void {
  for (const { cursors, ends } of heard) {
    trial.expect(isAscending(cursors), `the feed gave the cursors ${cursors.join(" ")}`);
    const twice = ends.filter((end, n) => ends.indexOf(end) !== n);
    trial.expect(mayRepeatEnds || twice.length === 0, `the feed told twice: ${twice.join(", ")}`);
    const untold = due.filter((end) => !ends.includes(end));
    trial.expect(untold.length === 0, `the feed never told: ${untold.join(", ")}`);
  }
}

/** A daemon that is killed has nothing to complain of. */
export function checkLog({ trial, site }: Ledger, mayLog?: RegExp): void {
  const lines = [...site.logged("error"), ...site.log().filter((line) => /damaged|rebuilt/.test(line))];
  for (const line of new Set(lines)) {
    if (mayLog?.test(line) !== true) trial.find("wrong", `logged: ${line}`);
  }
}

/** What turns must not leave behind: keys of the host, unfinished directories, exit records. */
export async function checkFiles({ trial, site, orders, others }: Ledger): Promise<void> {
  const ids = new Set([...others, ...orders.map((order) => order.acknowledged)]);
  for (const { name } of Deno.readDirSync(join(site.home, "jobs"))) {
    if (!ids.has(name)) trial.find("wrong", `jobs/${name} belongs to no job`);
  }
  // An end is told before they are cleared away.
  for (const directory of ["environments", "exits"]) {
    const left = () => namesIn(join(site.home, directory));
    await eventually(() => left().length === 0, { what: "its end" }).catch(() => {
      trial.find("wrong", `${directory} are kept: ${left().join(" ")}`);
    });
  }
  for (const process of site.jobProcesses(new Set([...ids].map(String)))) trial.find("left", process);
}

/** The slots, the counters and the feed, and the database itself once its daemon has left. */
export async function checkStore(ledger: Ledger, client: RemoteService): Promise<void> {
  const { trial, site, orders } = ledger;
  const queue = await client.queue({ origin: { env: site.state.env, session: "chaos" } });
  trial.expect(
    queue.running.length === 0 && queue.pending_count === 0,
    `slots are held: ${JSON.stringify(queue)}`,
  );
  const { total } = await client.list({ limit: 1 });
  const expected = orders.length + ledger.others.size;
  if (total > expected) trial.find("doubled", `${total} jobs came of ${expected} starts`);
  if (total < expected) trial.find("lost", `${total} jobs came of ${expected} starts`);
  // One that came too late takes a moment to see that.
  await eventually(() => site.daemons().length === 1, { what: "one daemon" })
    .catch(() => trial.find("left", `the daemons ${site.daemons().join(", ")} serve one directory`));
  if (trial.seed % RESTARTS_EACH !== 0) return;
  await client.stop();
  const { kind } = inspectDatabase(join(site.home, "queue.db"), Infinity);
  trial.expect(kind === "sound", `the database is ${kind}`);
  const again = await client.list({ limit: 1 });
  trial.expect(again.total === total, `${again.total} jobs of ${total} are there after a restart`);
}

function namesIn(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map((entry) => entry.name);
  } catch {
    return [];
  }
}

function withoutMessages({ messages: _messages, ...rest }: Expected): unknown {
  return rest;
}

function isCounting(seqs: readonly number[]): boolean {
  return seqs.every((seq, n) => seq === n + 1);
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, n) => n === 0 || number > (numbers[n - 1] ?? 0));
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, n) => item === b[n]);
}
