/**
 * Answers stay within what hosts take, say so where they are cut, and tell where the rest is.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MAX_ANSWER_CHARS } from "../../src/mcp/views/answer_size.ts";
import { isRecord } from "../../src/mcp/desk/json_rpc.ts";
import { MemoryHost } from "../support/memory_host.ts";
import { aBrief, aResult, ScriptedService } from "../support/scripted_service.ts";

async function call(service: ScriptedService, name: string, args: Record<string, unknown>) {
  await using host = new MemoryHost({ service });
  const client = await host.client();
  await client.listTools();
  const { content, structuredContent, isError } = await client.callTool({ name, arguments: args });
  assert.notEqual(isError, true);
  const text = JSON.stringify(content);
  const structured = isRecord(structuredContent) ? structuredContent : {};
  // The text is measured as it is, without JSON's escapes.
  const first: unknown = Array.isArray(content) ? content[0] : undefined;
  const plain = isRecord(first) ? String(first.text) : "";
  assert.ok(plain.length <= MAX_ANSWER_CHARS, `${plain.length} characters of text`);
  const json = JSON.stringify(structured).length;
  assert.ok(json <= MAX_ANSWER_CHARS, `${json} characters of structured content`);
  return { text, plain, structured };
}

const id = (index: number) => `aaaa${String(index).padStart(4, "0")}`;

Deno.test("a result of 2 MB is cut with a pointer to the whole", async () => {
  const service = new ScriptedService({
    poll: () => Promise.resolve(aResult({ result: "é".repeat(2_000_000) })),
  });
  const { structured, plain } = await call(service, "job_poll", { job_id: id(1) });
  const tail =
    /\[\.\.\. 1988000 more characters: \/home\/someone\/\.agent-async\/jobs\/abc12345\/output\.txt, or job_events/;
  assert.match(String(structured.result), tail);
  assert.match(plain, tail);
});

Deno.test("a result whose every character JSON escapes fits too", async () => {
  const nasty = '\u0001"\\\n'.repeat(100_000);
  const service = new ScriptedService({
    poll: () =>
      Promise.resolve(
        aResult({ result: nasty, output: nasty.slice(0, 8_000), error: nasty, summary: nasty }),
      ),
  });
  await call(service, "job_poll", { job_id: id(1) });
});

Deno.test("a job with 100,000 long file names tells how many there are", async () => {
  const files_changed = Array.from({ length: 100_000 }, (_, index) => `${"d/".repeat(500)}${index}`);
  const service = new ScriptedService({ poll: () => Promise.resolve(aResult({ files_changed })) });
  const { structured, plain } = await call(service, "job_poll", { job_id: id(1) });
  assert.equal(structured.files_changed_count, 100_000);
  assert.match(plain, /and \d+ more/);
});

for (const count of [2, 10, 50, 200]) {
  Deno.test(`a wait for ${count} jobs with long results names every one`, async () => {
    const jobs = Array.from(
      { length: count },
      (_, index) => aResult({ job_id: id(index), result: "r".repeat(50_000), output: "o".repeat(8_000) }),
    );
    const service = new ScriptedService({
      wait: () => Promise.resolve({ timed_out: false, jobs, unfinished: [], cursor: 1 }),
    });
    const { structured, plain } = await call(service, "job_wait", { mode: "all" });
    const listed: unknown = structured.jobs;
    assert.equal(Array.isArray(listed) && listed.length, count);
    for (const job of jobs) assert.ok(plain.includes(`Job ${job.job_id}, codex`), job.job_id);
  });
}

Deno.test("200 unfinished jobs and 100 listed ones in very long directories fit", async () => {
  const briefs = Array.from(
    { length: 200 },
    (_, index) => aBrief({ job_id: id(index), cwd: "/d".repeat(2_000) }),
  );
  const service = new ScriptedService({
    wait: () => Promise.resolve({ timed_out: true, jobs: [], unfinished: briefs, cursor: 1 }),
    list: () => Promise.resolve({ jobs: briefs.slice(0, 100), total: 5_000 }),
    queue: () =>
      Promise.resolve({
        busy: true,
        running: briefs.slice(0, 100),
        pending: briefs.slice(100),
        pending_count: 100,
        limits: { total: 100, depth: 3 },
        agents: [],
      }),
  });
  for (const name of ["job_wait", "job_list", "queue_status"]) {
    const { plain } = await call(service, name, {});
    assert.ok(plain.includes(id(99)), name);
  }
});

const event = (seq: number, text: string) => ({
  seq,
  turn: 1,
  time: "2026-01-01",
  type: "message" as const,
  text,
});

Deno.test("a page of events that is too long ends earlier and its cursor says so", async () => {
  const events = Array.from({ length: 40 }, (_, index) => event(index + 1, "x".repeat(3_000)));
  const service = new ScriptedService({
    events: () => Promise.resolve({ events, cursor: 40, status: "done", more: false }),
  });
  const { structured } = await call(service, "job_events", { job_id: id(1), truncate: 0 });
  const kept = Array.isArray(structured.events) ? structured.events.length : 0;
  assert.ok(kept >= 5 && kept < 40, `${kept} events`);
  assert.deepEqual([structured.cursor, structured.more], [kept, true]);
});

Deno.test("one event of 2 MB is cut and its cursor goes on", async () => {
  const service = new ScriptedService({
    events: () =>
      Promise.resolve({ events: [event(1, "x".repeat(2_000_000))], cursor: 1, status: "done", more: false }),
  });
  const { structured, plain } = await call(service, "job_events", { job_id: id(1), truncate: 0 });
  assert.deepEqual([structured.cursor, structured.more], [1, false]);
  assert.match(plain, /x{24000}\\n\[\.\.\. 1976000 more characters/);
});
