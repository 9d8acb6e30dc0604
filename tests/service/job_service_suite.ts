/**
 * What can be said of every `JobService`, wherever it runs: both implementations pass this. The agent behind it is the
 * scripted one of `tests/fixtures/agents`, which does what its prompt says.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import type { JobService } from "../../src/service/job_service.ts";
import type { StartRequest } from "../../src/service/requests.ts";

export interface ServiceHarness extends AsyncDisposable {
  readonly service: JobService;
  /** A directory for jobs to work in. */
  readonly cwd: string;
  /** The environment of the asking host, in which `codex` is the scripted agent. */
  readonly env: Record<string, string>;
}

const UNKNOWN_JOB = "zzzzzzzz";

export function jobServiceSuite(name: string, makeService: () => Promise<ServiceHarness>): void {
  const test = (what: string, run: (harness: Suite) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      await using harness = await makeService();
      await run(new Suite(harness));
    });

  test("a start answers at once, and a wait has the result", async ({ service, start }) => {
    const receipt = await start("wait go\nsay done it", { approval_policy: "suggest" });
    assert.match(receipt.job_id, /^[0-9a-hjkmnp-tv-z]{8}$/);
    assert.ok(receipt.status === "pending" || receipt.status === "running");
    const early = await service.wait({ job_ids: [receipt.job_id], timeout_seconds: 0 });
    assert.deepEqual([early.timed_out, early.jobs, early.unfinished.map((job) => job.job_id)], [
      true,
      [],
      [receipt.job_id],
    ]);
    await Deno.writeTextFile(join(early.unfinished[0]?.cwd ?? "", "go"), "");
    const { timed_out, jobs } = await service.wait({ job_ids: [receipt.job_id], timeout_seconds: 100 });
    assert.deepEqual([timed_out, jobs.map(({ status, reason, result }) => [status, reason, result])], [
      false,
      [["done", "completed", "done it"]],
    ]);
    assert.deepEqual(await service.poll({ job_id: receipt.job_id, tail_lines: 100 }), jobs[0]);
  });

  test("a request key is one job, at once and later", async ({ service, start }) => {
    const receipts = await Promise.all(
      Array.from({ length: 20 }, () => start("say hi", { request_key: "k" })),
    );
    const [first] = receipts;
    assert.ok(first);
    await service.wait({ job_ids: [first.job_id], timeout_seconds: 100 });
    const later = await start("say hi", { request_key: "k" });
    assert.deepEqual(new Set([...receipts, later].map(({ job_id }) => job_id)), new Set([first.job_id]));
    assert.equal((await service.list({})).total, 1);
  });

  test("nobody asks, nothing can be answered, and both are told in words", async ({ service, start }) => {
    const { job_id } = await start("wait never");
    assert.deepEqual(await service.questions({}), { asking: [] });
    assert.deepEqual(await service.questions({ job_ids: [job_id], as: "person" }), { asking: [] });
    await assert.rejects(
      service.answer({ job_id, option: "yes" }),
      (error) => isAgentAsyncError(error, "conflict") && /it asks nothing/.test(error.message),
    );
    await assert.rejects(
      service.answer({ job_id: UNKNOWN_JOB, option: "yes" }),
      (error) => isAgentAsyncError(error, "not_found"),
    );
    await service.cancel({ job_id });
  });

  test("an agent that cannot be told is interrupted for what is said now", async ({ service, start, env }) => {
    const origin = { env, session: "s" };
    const { job_id } = await start("say one\nwait never");
    for (let cursor = 0, isThere = false; !isThere;) {
      const page = await service.events({ job_id, cursor, wait_seconds: 50 });
      cursor = page.cursor;
      isThere = page.events.some(({ type }) => type === "message");
    }
    const later = await service.reply({ job_id, prompt: "say three", origin });
    assert.equal(later.delivered, undefined);
    const now = { job_id, prompt: "say two", when: "now", request_key: "now", origin } as const;
    const receipt = await service.reply(now);
    assert.equal(receipt.delivered, "interrupted");
    assert.equal((await service.reply(now)).turn, receipt.turn);
    for (let turn = 0; turn < later.turn;) {
      const { jobs: [job] } = await service.wait({ job_ids: [job_id], timeout_seconds: 100 });
      turn = job?.turn ?? 0;
    }
    const { events } = await service.events({ job_id, types: ["message"], limit: 100 });
    assert.deepEqual(events.map(({ text }) => text), ["one", "two", "three"]);
    const { status, queued_replies } = await service.poll({ job_id });
    assert.deepEqual([status, queued_replies], ["done", undefined]);
  });

  test("statistics count what ended, and refuse a time zone that nobody knows", async ({ service, end }) => {
    await end("say one");
    await end("fail no luck");
    const { rows, reasons } = await service.stats({ by: "agent", days: 1, time_zone: "UTC" });
    assert.deepEqual(
      rows.map((
        { key, jobs, done, error, turns, usage },
      ) => [key, jobs, done, error, turns, usage.total_tokens]),
      [["codex", 2, 1, 1, 2, 120]],
    );
    assert.deepEqual(reasons, { completed: 1, agent_error: 1 });
    await assert.rejects(
      service.stats({ time_zone: "Mars/Base" }),
      (error) => isAgentAsyncError(error, "invalid_argument"),
    );
  });

  test("reading events by the returned cursor gives each once, in order", async ({ service, end }) => {
    const { job_id } = await end("say one\nrun echo two\nsay three");
    const seqs: number[] = [];
    for (let cursor = 0, more = true; more;) {
      const page = await service.events({ job_id, cursor, limit: 2 });
      seqs.push(...page.events.map((event) => event.seq));
      ({ cursor, more } = page);
    }
    assert.ok(seqs.length >= 4);
    assert.deepEqual(seqs, seqs.map((_, index) => index + 1));
    const messages = await service.events({ job_id, types: ["message"] });
    assert.deepEqual(messages.events.map((event) => event.text), ["one", "three"]);
    const { events } = await service.events({ job_id, types: [] });
    assert.deepEqual(events.map((event) => event.seq), seqs);
  });

  test("a reply is a further turn of the same session, and events go on", async ({ service, end, env }) => {
    const first = await end("say one");
    const receipt = await service.reply({
      job_id: first.job_id,
      prompt: "say two",
      origin: { env, session: "s" },
    });
    assert.deepEqual([receipt.turn, receipt.cursor], [2, first.cursor]);
    const { jobs: [second] } = await service.wait({ job_ids: [first.job_id], timeout_seconds: 100 });
    assert.deepEqual([second?.turn, second?.result, second?.session_id], [2, "two", first.session_id]);
    const page = await service.events({ job_id: first.job_id, cursor: receipt.cursor });
    assert.ok(page.events.every((event) => event.turn === 2 && event.seq > first.cursor));
  });

  test("a retry is a job of its own that is asked the same", async ({ service, end, env }) => {
    const first = await end("say one");
    const receipt = await service.retry({ job_id: first.job_id, origin: { env, session: "s" } });
    assert.notEqual(receipt.job_id, first.job_id);
    const { jobs: [second] } = await service.wait({ job_ids: [receipt.job_id], timeout_seconds: 100 });
    assert.deepEqual([second?.turn, second?.result, second?.cwd], [1, "one", first.cwd]);
  });

  test("a cancel ends a job once, and a finished job is left as it is", async ({ service, start, end }) => {
    const { job_id } = await start("say on it\nsleep 60");
    assert.equal((await service.cancel({ job_id })).status, "cancelled");
    assert.equal((await service.cancel({ job_id })).status, "cancelled");
    const job = await service.poll({ job_id });
    assert.deepEqual([job.status, job.reason], ["cancelled", "cancelled"]);
    const done = await end("say hi");
    assert.equal((await service.cancel({ job_id: done.job_id })).status, "done");
  });

  test("waits without job ids deliver every job once, however late they ask", async ({ service, start }) => {
    const { cursor: beginning } = await service.feed({});
    const prompts = ["say a", "say b\nfail it broke", "say c", "exit 3", "say e"];
    const started = await Promise.all(prompts.map((prompt) => start(prompt, { approval_policy: "suggest" })));
    const delivered: string[] = [];
    for (let cursor = beginning; delivered.length < prompts.length;) {
      const waited = await service.wait({ cursor, timeout_seconds: 100 });
      assert.equal(waited.timed_out, false);
      delivered.push(...waited.jobs.map(({ job_id }) => job_id));
      cursor = waited.cursor;
    }
    assert.deepEqual(delivered.sort(), started.map(({ job_id }) => job_id).sort());
    const { notifications } = await service.feed({ cursor: beginning, finished_only: true });
    assert.deepEqual(notifications.map(({ job_id }) => job_id).sort(), delivered);
  });

  test("a wait that is given up is `cancelled` and touches nothing", async ({ service, start }) => {
    const { job_id } = await start("wait go\nsay hi");
    const controller = new AbortController();
    const wait = service.wait({ job_ids: [job_id] }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(wait, (error) => isAgentAsyncError(error, "cancelled"));
    const { status } = await service.poll({ job_id });
    assert.ok(status === "pending" || status === "running");
  });

  test("the list is newest first, filtered and counted", async ({ service, end }) => {
    const ids = [];
    for (const prompt of ["say a", "exit 3", "say c"]) ids.push((await end(prompt)).job_id);
    const all = await service.list({ limit: 2 });
    assert.deepEqual([all.total, all.jobs.map(({ job_id }) => job_id)], [3, ids.slice(1).reverse()]);
    const failed = await service.list({ status: "error" });
    assert.deepEqual([failed.total, failed.jobs.map(({ job_id }) => job_id)], [1, [ids[1]]]);
    assert.equal((await service.list({ agent: "nobody" })).total, 0);
  });

  test("the transcript is read by offset to its end", async ({ service, end }) => {
    const { job_id } = await end("say hello");
    const page = await service.transcript({ job_id });
    assert.match(page.text, /hello/);
    const rest = await service.transcript({ job_id, offset: page.offset });
    assert.deepEqual([rest.text, rest.more, rest.offset], ["", false, page.offset]);
  });

  test("what an agent says of its own job is kept", async ({ service, end }) => {
    const { job_id } = await end("say hi");
    assert.equal((await service.notifyDone({ job_id, summary: "tidied up" })).summary, "tidied up");
    assert.equal((await service.poll({ job_id })).summary, "tidied up");
  });

  test("a job that does not exist is `not_found` everywhere", async ({ service, env }) => {
    const job_id = UNKNOWN_JOB;
    const calls = [
      service.poll({ job_id }),
      service.wait({ job_ids: [job_id] }),
      service.events({ job_id }),
      service.transcript({ job_id }),
      service.cancel({ job_id }),
      service.reply({ job_id, prompt: "x", origin: { env, session: "s" } }),
      service.retry({ job_id, origin: { env, session: "s" } }),
      service.notifyDone({ job_id }),
    ];
    for (const result of await Promise.allSettled(calls)) {
      assert.ok(result.status === "rejected" && isAgentAsyncError(result.reason, "not_found"));
    }
  });

  test("a bad start names its argument and makes no job", async ({ service, start }) => {
    const bad: [string, Partial<StartRequest>][] = [
      ["cwd", { cwd: "relative" }],
      ["cwd", { cwd: "/does/not/exist" }],
      ["after", { after: [UNKNOWN_JOB] }],
      ["prompt", { prompt: "" }],
      ["timeout_seconds", { timeout_seconds: -1 }],
      ["context_files", { context_files: ["../../etc/passwd"] }],
    ];
    for (const [argument, wrong] of bad) {
      await assert.rejects(start("say hi", wrong), (error) => {
        assert.ok(error instanceof Error && error.message.startsWith(argument), `${argument}: ${error}`);
        return isAgentAsyncError(error, "invalid_argument");
      });
    }
    await assert.rejects(
      start("say hi", { agent: "nobody" }),
      (error) => isAgentAsyncError(error, "unknown_agent"),
    );
    assert.equal((await service.list({})).total, 0);
  });
}

/** One test's service, with the steps that most tests begin with. */
class Suite {
  readonly service: JobService;
  readonly env: Record<string, string>;
  readonly #cwd: string;

  constructor(harness: ServiceHarness) {
    this.service = harness.service;
    this.env = harness.env;
    this.#cwd = harness.cwd;
  }

  readonly start = (prompt: string, others: Partial<StartRequest> = {}) =>
    this.service.start({
      agent: "codex",
      prompt,
      cwd: this.#cwd,
      origin: { env: this.env, session: "s" },
      ...others,
    });

  /** The result of a job that has ended. */
  readonly end = async (prompt: string) => {
    const { job_id } = await this.start(prompt);
    const { jobs: [job] } = await this.service.wait({ job_ids: [job_id], timeout_seconds: 100 });
    assert.ok(job, `job ${job_id} did not end`);
    return job;
  };
}
