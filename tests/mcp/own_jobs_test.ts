/**
 * Ends of own jobs, told once and never missed: whatever the feed does in between.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AgentAsyncError } from "../../src/domain/errors.ts";
import type { JobResult } from "../../src/domain/job/result.ts";
import { OwnJobs } from "../../src/mcp/feed/own_jobs.ts";
import { SessionFeed } from "../../src/mcp/feed/session_feed.ts";
import type { CallOptions } from "../../src/service/call.ts";
import type { FeedRequest, Notification } from "../../src/service/read_requests.ts";
import type { StartRequest } from "../../src/service/requests.ts";
import { systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import { eventually } from "../support/eventually.ts";
import { aReceipt, aResult, ScriptedService, untilGivenUp } from "../support/scripted_service.ts";

const REQUEST: StartRequest = { agent: "codex", prompt: "x", cwd: "/", origin: { env: {}, session: "s" } };

/** A feed in memory, whose readers wait, and jobs whose turns it tells of. */
class MemoryFeed {
  readonly entries: Notification[] = [];
  readonly turns = new Map<string, number>();
  readonly readings: FeedRequest[] = [];
  /** Thrown by the next reading. */
  failure: Error | null = null;
  #waiting: (() => void)[] = [];

  end(job_id: string, turn = 1): void {
    const cursor = this.entries.length + 1;
    const time = "2026-01-01T00:00:00.000Z";
    this.entries.push({ cursor, job_id, turn, status: "done", reason: "completed", time });
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async read(request: FeedRequest, options: CallOptions = {}) {
    this.readings.push(request);
    if (this.failure !== null) {
      const failure = this.failure;
      this.failure = null;
      throw failure;
    }
    if (request.cursor === undefined) return { notifications: [], cursor: this.entries.length };
    const { cursor, limit = 100 } = request;
    if (this.entries.length <= cursor && (request.wait_seconds ?? 0) > 0) {
      const moved = new Promise<void>((resolve) => this.#waiting.push(resolve));
      await Promise.race([moved, untilGivenUp(options)]);
    }
    const notifications = this.entries.slice(cursor, cursor + limit);
    return { notifications, cursor: notifications.at(-1)?.cursor ?? Math.max(cursor, this.entries.length) };
  }
}

function session(feed: MemoryFeed, overrides: ConstructorParameters<typeof ScriptedService>[0] = {}) {
  const service = new ScriptedService({
    feed: (request, options) => feed.read(request, options),
    poll: ({ job_id }) => Promise.resolve(aResult({ job_id, turn: feed.turns.get(job_id) ?? 1 })),
    ...overrides,
  });
  const told: [string, number][] = [];
  const over = new AbortController();
  const place = new SessionFeed({ service, clock: systemClock });
  const jobs = new OwnJobs({
    service,
    beginning: () => place.beginning(),
    tell: (end: Notification, _job: JobResult) => Promise.resolve(void told.push([end.job_id, end.cursor])),
    signal: over.signal,
    log: silentLog,
  });
  return { jobs, told, service, place, [Symbol.dispose]: () => over.abort() };
}

/** Starts answer with these ids, one after the other; what happens before the answer is up to the test. */
function starting(ids: string[], before: (id: string) => void = () => {}) {
  return {
    start: () => {
      const id = ids.shift() ?? "none0000";
      before(id);
      return Promise.resolve(aReceipt({ job_id: id }));
    },
  };
}

Deno.test("own jobs: no reading of the feed before the first start and after the last end", async () => {
  const feed = new MemoryFeed();
  feed.end("old00000");
  using own = session(feed, starting(["aaaa0000"]));
  assert.equal(feed.readings.length, 0);
  await own.jobs.start(REQUEST);
  feed.end("strange0");
  feed.end("aaaa0000");
  await eventually(() => own.told.length > 0, { what: "the end" });
  assert.deepEqual(own.told, [["aaaa0000", 3]]);
  const readings = feed.readings.length;
  feed.end("strange0");
  await own.place.nextEnds(0, {});
  assert.equal(feed.readings.length, readings + 1);
});

Deno.test("own jobs: many starts share a reading of the feed, and none begins while they are answered", async () => {
  const feed = new MemoryFeed();
  const ids = Array.from({ length: 50 }, (_, index) => `job${String(index).padStart(5, "0")}`);
  using host = session(feed, starting([...ids]));
  for (const _ of ids) await host.jobs.start(REQUEST);
  const readings = () => feed.readings.filter(({ cursor }) => cursor !== undefined).length;
  assert.equal(readings(), 0);
  await eventually(() => readings() === 1, { what: "the reading" });
  for (const id of ids) feed.end(id);
  await eventually(() => host.told.length === ids.length, { what: "all ends" });
  assert.ok(readings() <= 3, `${readings()} readings`);
});

Deno.test("own jobs: an end before the start is even answered is told", async () => {
  const feed = new MemoryFeed();
  using own = session(feed, starting(["aaaa0000"], (id) => feed.end(id)));
  await own.jobs.start(REQUEST);
  await eventually(() => own.told.length > 0, { what: "the end" });
  assert.deepEqual(own.told, [["aaaa0000", 1]]);
});

Deno.test("own jobs: an end that was read before its start was answered is read again, others are not told again", async () => {
  const feed = new MemoryFeed();
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const ids = ["aaaa0000", "bbbb0000"];
  using own = session(feed, {
    start: async () => {
      const id = ids.shift() ?? "";
      if (id === "bbbb0000") await answered;
      return aReceipt({ job_id: id });
    },
  });
  await own.jobs.start(REQUEST);
  const second = own.jobs.start(REQUEST);
  await eventually(() => feed.readings.length >= 2, { what: "the loop to wait" });
  feed.end("bbbb0000");
  feed.end("aaaa0000");
  await eventually(() => own.told.length === 1, { what: "the first end" });
  answer();
  await second;
  await eventually(() => own.told.length === 2, { what: "the second end" });
  assert.deepEqual(own.told, [["aaaa0000", 2], ["bbbb0000", 1]]);
});

Deno.test("own jobs: a turn that goes on by itself is not told, its last one is", async () => {
  const feed = new MemoryFeed();
  using own = session(feed, starting(["aaaa0000"]));
  await own.jobs.start(REQUEST);
  feed.turns.set("aaaa0000", 2);
  feed.end("aaaa0000", 1);
  feed.end("aaaa0000", 2);
  await eventually(() => own.told.length > 0, { what: "the end" });
  assert.deepEqual(own.told, [["aaaa0000", 2]]);
});

Deno.test("own jobs: a start that is repeated while its end is being told is not told again", async () => {
  const feed = new MemoryFeed();
  const service = new ScriptedService({
    feed: (request, options) => feed.read(request, options),
    start: () =>
      Promise.resolve(aReceipt({ job_id: "aaaa0000", status: feed.entries.length > 0 ? "done" : "running" })),
    poll: ({ job_id }) => Promise.resolve(aResult({ job_id })),
  });
  const told: number[] = [];
  const over = new AbortController();
  const jobs: OwnJobs = new OwnJobs({
    service,
    beginning: () => Promise.resolve(0),
    tell: async ({ cursor }) => {
      told.push(cursor);
      if (told.length === 1) await jobs.start(REQUEST);
    },
    signal: over.signal,
    log: silentLog,
  });
  await jobs.start(REQUEST);
  feed.end("aaaa0000");
  await eventually(() => feed.readings.some(({ wait_seconds }) => wait_seconds === 0), {
    what: "a second reading",
  });
  feed.end("bbbb0000");
  assert.deepEqual(told, [1]);
  over.abort();
});

Deno.test("own jobs: a reading that fails is made again from the same place", async () => {
  const feed = new MemoryFeed();
  using own = session(feed, starting(["aaaa0000"]));
  await own.place.beginning();
  feed.failure = new AgentAsyncError("daemon_unreachable", "gone");
  await own.jobs.start(REQUEST);
  feed.end("aaaa0000");
  await eventually(() => own.told.length > 0, { what: "the end" });
  assert.deepEqual(own.told, [["aaaa0000", 1]]);
});

Deno.test("own jobs: a job that ended before this session, or is gone, is not waited for", async () => {
  const feed = new MemoryFeed();
  feed.end("aaaa0000");
  const ids = ["aaaa0000", "bbbb0000"];
  using own = session(feed, {
    start: () => {
      const job_id = ids.shift() ?? "";
      return Promise.resolve(aReceipt({ job_id, status: job_id === "aaaa0000" ? "done" : "running" }));
    },
    poll: () => Promise.reject(new AgentAsyncError("not_found", "pruned")),
  });
  await own.jobs.start(REQUEST);
  await eventually(() => feed.readings.length === 2, { what: "one look" });
  await own.jobs.start(REQUEST);
  feed.end("bbbb0000");
  await eventually(() => own.service.asked("poll").length === 1, { what: "the look at the second" });
  assert.deepEqual(own.told, []);
});

Deno.test("session feed: calls at the same time get different ends; one that is given up has told of nothing", async () => {
  const feed = new MemoryFeed();
  const wait = async (request: { cursor?: number | undefined }, options?: CallOptions) => {
    const { notifications: [entry], cursor } = await feed.read(
      { cursor: request.cursor, limit: 1, wait_seconds: 5 },
      options,
    );
    const jobs = entry === undefined ? [] : [aResult({ job_id: entry.job_id })];
    return { timed_out: entry === undefined, jobs, unfinished: [], cursor: entry?.cursor ?? cursor };
  };
  using own = session(feed, { wait });
  await own.place.beginning();
  const given = new AbortController();
  const lost = own.place.nextEnd(5, { signal: given.signal }).catch((error) => error.code);
  const calls = [own.place.nextEnd(5, {}), own.place.nextEnd(5, {})];
  given.abort();
  assert.equal(await lost, "cancelled");
  feed.end("aaaa0000");
  feed.end("bbbb0000");
  const ids = (await Promise.all(calls)).map((result) => result.jobs[0]?.job_id);
  assert.deepEqual(ids.sort(), ["aaaa0000", "bbbb0000"]);
  // The other way to ask has been told of nothing yet.
  const all = await own.place.nextEnds(0, {});
  assert.deepEqual(all.notifications.map((entry) => entry.job_id), ["aaaa0000", "bbbb0000"]);
});
