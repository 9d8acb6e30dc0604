/**
 * A state directory in which a later version has worked: this one reads it, shows what it does not know as what it is,
 * works on beside it, and writes back what it read.
 */
import assert from "node:assert/strict";
import * as z from "zod";
import { EventBody } from "../../src/domain/event/event_body.ts";
import { FeedEntry } from "../../src/domain/feed.ts";
import { Job } from "../../src/domain/job/job.ts";
import { TurnOutcome, TurnRequest } from "../../src/domain/turn/turn.ts";
import type { JobDirectories } from "../../src/kernel/job_directories.ts";
import { JobDirectories as Directories } from "../../src/kernel/job_directories.ts";
import { StoredHead } from "../../src/kernel/events/stored_event.ts";
import { writeTurn } from "../../src/scheduler/turn/files.ts";
import { fromBytes, toBytes } from "../../src/store/records/codec.ts";
import { writeChange } from "../../src/store/records/commit.ts";
import { FEED_HEAD_KEY, feedKey, jobKey, LAST_NUMBER_KEY } from "../../src/store/records/keys.ts";
import { LATER_KEY, LATER_WORD, laterValues, sampleOf } from "../support/later_version.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { turnRequest } from "../support/turn_request.ts";

type Fields = Record<string, unknown>;

const ENDED = { status: "done", reason: "completed", finished_at: 1_767_225_600_000, exit_code: 0 };
const UNREADABLE_ID = jobId(900);

/** The state directory of one test, between two daemons. */
class LaterVersion {
  readonly ids: string[] = [];
  readonly #directories: JobDirectories;
  #next = 100;

  constructor(readonly harness: LocalHarness, readonly kv: Deno.Kv) {
    this.#directories = new Directories(harness.state.home);
  }

  /** A job in the store and on disk, with `over` put over what this version would have written. */
  async job(over: Fields, files: { request?: Fields; outcome?: Fields; events?: string } = {}) {
    const { cwd, env } = this.harness.state;
    const id = jobId(this.#next++);
    const base = newJob({ id, cwd, tree: { kind: "plain", root: cwd }, approval_policy: "suggest" });
    const record: Fields = { ...base, number: this.#next, state: ENDED, ...over };
    const directory = this.#directories.job(id);
    directory.create();
    await writeTurn(directory, { request: turnRequest({ job_id: id }), prompt: "say kept", env });
    const turn = directory.turn(1);
    if (files.request !== undefined) {
      write(turn.requestFile, { ...turnRequest({ job_id: id }), ...files.request });
    }
    if (files.outcome !== undefined) write(turn.outcomeFile, files.outcome);
    if (files.events !== undefined) Deno.writeTextFileSync(directory.eventsFile, files.events);
    write(directory.recordFile, record);
    await this.#commit(record);
    this.ids.push(id);
    return id;
  }

  async #commit(record: Fields): Promise<void> {
    const commit = this.kv.atomic();
    // What is later in it is unknown to its type.
    const job = record as Job;
    const head = Number((await this.kv.get<Deno.KvU64>(FEED_HEAD_KEY)).value?.value ?? 0n);
    writeChange(commit, { before: null, steps: [job], feedHead: head, at: 0, requests: [] });
    commit.set(LAST_NUMBER_KEY, new Deno.KvU64(BigInt(job.number)));
    await commit.commit();
  }
}

function write(path: string, value: unknown): void {
  Deno.writeTextFileSync(path, JSON.stringify(value));
}

/** The top-level field that a later value differs in; `null` for a key that is new. */
function fieldOf(what: string, value: unknown): Fields {
  const [, name = ""] = /^\.([a-z_]+)/.exec(what) ?? [];
  return { [name]: Object(value)[name] };
}

function storedEvent(seq: number, body: object, head: Fields = {}): string {
  const fixed = { seq, turn: 1, time: "2026-01-01T00:00:00.000Z", raw: seq, out: 0 };
  return `${JSON.stringify({ ...fixed, ...head, ...body })}\n`;
}

/** Every kind of event that this version knows, each with something unknown, one of an unknown kind at the end. */
function laterEvents(): { text: string; count: number } {
  const laterHeads = [...laterValues(StoredHead)].map(({ value }) => ({
    [LATER_KEY]: Object(value)[LATER_KEY],
  }));
  const bodies = [
    ...laterHeads.map((head) => ({ type: "message", text: "with a later head", ...head })),
    ...[...laterValues(EventBody)].map(({ value }) => Object(value)),
    { type: "command", id: 7, state: { of: "a later shape" } },
    { type: LATER_WORD, said: "last of all" },
  ];
  return { text: bodies.map((body, index) => storedEvent(index + 1, body)).join(""), count: bodies.length };
}

async function withLaterVersion(harness: LocalHarness): Promise<LaterVersion> {
  const kv = await Deno.openKv(`${harness.state.home}/queue.db`);
  const later = new LaterVersion(harness, kv);
  for (const { what, value } of laterValues(Job)) {
    const field = fieldOf(what, value);
    if (!("id" in field) && !("number" in field)) await later.job(field);
  }
  for (const { what, value } of laterValues(TurnRequest)) {
    await later.job({ state: { status: "pending", since: 1, not_before: null } }, {
      request: fieldOf(what, value),
    });
  }
  const outcome = Object(sampleOf(TurnOutcome));
  for (const { what, value } of laterValues(TurnOutcome)) {
    await later.job({}, { outcome: { ...outcome, ...fieldOf(what, value) } });
  }
  await later.job({}, { events: laterEvents().text, outcome });
  const head = Number((await kv.get<Deno.KvU64>(FEED_HEAD_KEY)).value?.value ?? 0n);
  let cursor = head;
  for (const { what, value } of laterValues(FeedEntry)) {
    cursor += 1;
    const entry = { cursor, job_id: later.ids[0], turn: 1, status: "done", at: 1, ...fieldOf(what, value) };
    await kv.set(feedKey(cursor), toBytes(entry));
  }
  await kv.set(FEED_HEAD_KEY, new Deno.KvU64(BigInt(cursor)));
  const unreadable = await later.job({});
  await kv.set(jobKey(unreadable), toBytes({ id: unreadable, agent: "codex", prompt: ["of a later shape"] }));
  kv.close();
  return later;
}

Deno.test("a state directory of a later version is shown whole, and worked in", async () => {
  await using harness = await LocalHarness.start();
  let later!: LaterVersion;
  await harness.restart(async () => {
    later = await withLaterVersion(harness);
  });
  const unreadable = later.ids.at(-1) ?? UNREADABLE_ID;

  const listed = await harness.service.list({ limit: 1_000 });
  assert.deepEqual(new Set(listed.jobs.map((job) => job.job_id)), new Set(later.ids));
  const shown = listed.jobs.find((job) => job.job_id === unreadable);
  assert.deepEqual([shown?.status, shown?.agent], ["unreadable", "codex"]);
  for (const filter of [{ status: "done" as const }, { agent: "codex" }, { id_prefix: "0" }]) {
    assert.ok((await harness.service.list({ limit: 100, ...filter })).jobs.length > 0);
  }
  for (const id of later.ids) {
    const job = await harness.service.poll({ job_id: id });
    if (id === unreadable) assert.match(job.error ?? "", /record cannot be read/);
    await harness.service.events({ job_id: id });
    await harness.service.wait({ job_ids: [id], timeout_seconds: 0 });
  }
  await harness.service.queue({ origin: harness.origin });
  await harness.service.stats({});
  const feed = await harness.service.feed({ cursor: 0, limit: 500 });
  assert.ok(feed.notifications.some((entry) => String(entry.status) === LATER_WORD));

  const words = JSON.stringify(
    await Promise.all(later.ids.map((id) => harness.service.poll({ job_id: id }))),
  );
  for (const field of ["status", "reason", "approval_policy"]) {
    assert.ok(words.includes(`"${field}":"${LATER_WORD}"`), `${field} is passed on`);
  }

  const { job_id } = await harness.run("say new");
  assert.equal((await harness.ended(job_id)).result, "new");
  await harness.restart();
  assert.equal((await harness.service.list({ limit: 1_000 })).total, later.ids.length + 1);
  await harness.service.prune({ older_than_days: 0, dry_run: true });
});

Deno.test("keys of a later version are kept in a record that is written back", async () => {
  await using harness = await LocalHarness.start();
  const path = `${harness.state.home}/queue.db`;
  let id = "";
  await harness.restart(async () => {
    const kv = await Deno.openKv(path);
    const pending = { status: "pending", since: 1, not_before: null };
    id = await new LaterVersion(harness, kv).job({ [LATER_KEY]: { of: 1 }, state: pending });
    kv.close();
  });
  assert.equal((await harness.ended(id)).result, "kept");
  await harness.restart(async () => {
    const kv = await Deno.openKv(path);
    assert.deepEqual(Object(fromBytes((await kv.get(jobKey(id))).value))[LATER_KEY], { of: 1 });
    kv.close();
    const record = new Directories(harness.state.home).job(id).recordFile;
    assert.deepEqual(JSON.parse(Deno.readTextFileSync(record))[LATER_KEY], { of: 1 });
  });
});

Deno.test("a pending job under an unknown policy is left for the version that knows it", async () => {
  await using harness = await LocalHarness.start();
  let id = "";
  await harness.restart(async () => {
    const kv = await Deno.openKv(`${harness.state.home}/queue.db`);
    const pending = { status: "pending", since: 1, not_before: null };
    id = await new LaterVersion(harness, kv).job({ approval_policy: LATER_WORD, state: pending });
    kv.close();
  });
  const job = await harness.service.poll({ job_id: id });
  assert.equal(job.status, "pending");
  assert.match(job.waiting_for ?? "", /knows the approval policy later_word/);
  assert.equal((await harness.service.cancel({ job_id: id })).status, "cancelled");
});

Deno.test("a store that is rebuilt has the jobs of a later version too", async () => {
  await using harness = await LocalHarness.start();
  let later!: LaterVersion;
  await harness.restart(async () => {
    later = await withLaterVersion(harness);
    for (const { name } of Deno.readDirSync(harness.state.home)) {
      if (name.startsWith("queue.db")) Deno.removeSync(`${harness.state.home}/${name}`);
    }
  });
  const { jobs } = await harness.service.list({ limit: 1_000 });
  assert.deepEqual(new Set(jobs.map((job) => job.job_id)), new Set(later.ids));
});

Deno.test("events that nobody here knows are passed on and never cut off", async () => {
  await using harness = await LocalHarness.start();
  const { text, count } = laterEvents();
  let id = "";
  await harness.restart(async () => {
    const kv = await Deno.openKv(`${harness.state.home}/queue.db`);
    const outcome = { ...Object(sampleOf(TurnOutcome)), session_id: "s" };
    id = await new LaterVersion(harness, kv).job({ session_id: "s" }, { events: text, outcome });
    kv.close();
  });
  const page = await harness.service.events({ job_id: id, limit: 500 });
  assert.deepEqual(page.events.map((event) => event.seq), Array.from({ length: count }, (_, n) => n + 1));
  assert.deepEqual({ ...page.events.at(-1) }, {
    seq: count,
    turn: 1,
    time: "2026-01-01T00:00:00.000Z",
    type: LATER_WORD,
    said: "last of all",
  });
  const types = [LATER_WORD] as unknown as NonNullable<Parameters<typeof harness.service.events>[0]["types"]>;
  const only = await harness.service.events({ job_id: id, types });
  assert.ok(only.events.length > 0 && only.events.every((event) => String(event.type) === LATER_WORD));

  await harness.reply(id, "say after that");
  await harness.ended(id);
  const events = Deno.readTextFileSync(new Directories(harness.state.home).job(id).eventsFile);
  assert.ok(events.startsWith(text), "the log goes on behind what it does not know");
  const seqs = z.array(z.object({ seq: z.number() })).parse(
    events.trimEnd().split("\n").map((line) => JSON.parse(line)),
  );
  assert.deepEqual(seqs.map(({ seq }) => seq), seqs.map((_, n) => n + 1));
});
