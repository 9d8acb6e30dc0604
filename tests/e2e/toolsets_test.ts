/**
 * Every tool of the further toolsets, called through the real server; the client checks each result against the
 * tool's own output schema.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { FeedPage, QueueStatus } from "../../src/service/read_requests.ts";
import { Receipt } from "../../src/service/requests.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { HostSession, runProgram, shutDown } from "../support/program.ts";
import { makeStateHome, type StateHome } from "../support/state_home.ts";

const AGENTS = fromFileUrl(new URL("../fixtures/agents", import.meta.url));
const Any = z.record(z.string(), z.unknown());
/** A job as tools tell it to a model. */
const Told = z.looseObject({
  job_id: z.string(),
  agent: z.string(),
  status: z.string(),
  exit_code: z.number().nullish(),
  result: z.string().optional(),
  output: z.string().default(""),
  summary: z.string().optional(),
  turn: z.number().default(1),
  pid: z.number().optional(),
  prompt: z.string().optional(),
  cwd: z.string().optional(),
  started_at: z.string().nullish(),
  finished_at: z.string().nullish(),
});

const Started = Receipt.pick({ job_id: true, status: true, message: true });
const Timeout = z.strictObject({
  job_id: z.string(),
  status: z.literal("timeout"),
  message: z.string(),
  output: z.string(),
});

/** A host whose client has read the output schemas. */
async function hostWith(state: StateHome, toolsets: string): Promise<HostSession> {
  const host = await HostSession.start(state, ["mcp", "--toolsets", toolsets]);
  await host.mcp.client.listTools();
  return host;
}

function withEnvironment(state: StateHome, env: Record<string, string>): StateHome {
  return { ...state, env: { ...state.env, ...env } };
}

Deno.test("toolset codex: start, wait, poll, list, queue and cancel under their old names", async () => {
  await using state = makeStateHome();
  await using host = await hostWith(state, "codex");
  const { job_id } = await host.call("codex_start", {
    prompt: "say early\nwait go\nsay late",
    cwd: state.cwd,
  }, Started);

  const queue = await host.call("codex_queue_status", {}, QueueStatus);
  assert.deepEqual(queue.running.map((job) => job.job_id), [job_id]);

  await eventually(
    async () => (await host.call("codex_poll", { job_id }, Told)).output.endsWith("early\n"),
    { what: "its first word" },
  );
  const early = await host.call("codex_wait", { job_id, timeout_seconds: 1 }, Timeout);
  assert.equal(early.job_id, job_id);
  assert.match(early.message, new RegExp(`^Job ${job_id} is still running.* call codex_wait again\\.$`));
  assert.match(early.output, /\nearly\n$/);

  Deno.writeTextFileSync(`${state.cwd}/go`, "");
  const ended = await host.call("codex_wait", { job_id }, Told);
  assert.deepEqual([ended.status, ended.result], ["done", "late"]);

  const polled = await host.call("codex_poll", { job_id: job_id.toUpperCase(), tail_lines: 1 }, Told);
  assert.deepEqual(
    {
      job_id: polled.job_id,
      status: polled.status,
      exit_code: polled.exit_code,
      prompt: polled.prompt,
      cwd: polled.cwd,
      started: polled.started_at !== null,
      finished: polled.finished_at !== null,
    },
    {
      job_id,
      status: "done",
      exit_code: 0,
      prompt: "say early wait go say late",
      cwd: state.cwd,
      started: true,
      finished: true,
    },
  );

  const other = await host.start("wait never");
  const cancelled = await host.call("codex_cancel", { job_id: other }, Any);
  assert.equal(cancelled.status, "cancelled");
  const listed = await host.call(
    "codex_list",
    { limit: 1 },
    z.looseObject({
      jobs: z.array(z.looseObject({ job_id: z.string(), status: z.string() })),
      total: z.number(),
    }),
  );
  assert.deepEqual([listed.jobs.map((job) => [job.job_id, job.status]), listed.total], [[[
    other,
    "cancelled",
  ]], 2]);

  const missing = await host.refused("codex_poll", { job_id: "00000000" });
  assert.match(missing, /^not_found: .*\n.*codex_list/);
  await shutDown(state);
});

Deno.test("codex_await_any does not tell again what codex_wait has told, and a further turn is told", async () => {
  await using state = makeStateHome();
  await using host = await hostWith(state, "codex");
  const start = async (name: string) => {
    const args = { prompt: `say ${name}`, cwd: state.workspace(name) };
    return (await host.call("codex_start", args, Started)).job_id;
  };
  const waited = await start("waited");
  await host.call("codex_wait", { job_id: waited }, Told);
  const other = await start("other");
  assert.equal((await host.call("codex_await_any", { timeout_seconds: 30 }, Told)).job_id, other);
  const none = await host.call("codex_await_any", { timeout_seconds: 0 }, Any);
  assert.deepEqual([none.status, none.job_id], ["timeout", null]);
  await runProgram(state, ["reply", waited, "say more", "--wait"]);
  const further = await host.call("codex_await_any", { timeout_seconds: 30 }, Told);
  assert.deepEqual([further.job_id, further.turn, further.result], [waited, 2, "more"]);
  await shutDown(state);
});

Deno.test("codex_await_any tells each end once, of jobs that ended before too, to calls at the same time as well", async () => {
  await using state = makeStateHome();
  await using host = await hostWith(state, "codex");
  const names = ["a", "b", "c"];
  const ids: string[] = [];
  for (const name of names) {
    const args = { prompt: `say ${name}`, cwd: state.workspace(name) };
    ids.push((await host.call("codex_start", args, Started)).job_id);
  }
  await runProgram(state, ["wait", ...ids]);
  const told = await Promise.all(
    names.map(() => host.call("codex_await_any", { timeout_seconds: 100 }, Told)),
  );
  assert.deepEqual(told.map((job) => job.job_id).sort(), [...ids].sort());
  assert.deepEqual(told.map((job) => job.result).sort(), names);
  const none = await host.call("codex_await_any", { timeout_seconds: 0 }, Any);
  assert.deepEqual(none, {
    job_id: null,
    status: "timeout",
    message: "No job ended in the time of this call, and none runs or waits.",
    output: "",
    unfinished: [],
  });
  await shutDown(state);
});

Deno.test("toolset agents: Gemini drafts a page and a pull request, and publishes nothing unless told", async () => {
  await using home = makeStateHome();
  const state = withEnvironment(home, { PATH: `${AGENTS}/repeating:${home.env.PATH}` });
  await using host = await hostWith(state, "agents");
  const page = await host.call("gemini_confluence_start", {
    title: "How releases are made",
    cwd: state.cwd,
    space_key: "DEV",
    audience: "new colleagues",
  }, Started);
  const draft = await host.call("gemini_wait", { job_id: page.job_id }, Told);
  assert.deepEqual([draft.agent, draft.status], ["gemini", "done"]);
  assert.equal((await host.poll(draft.job_id)).approval_policy, "suggest");
  assert.match(draft.result ?? "", /title: How releases are made[^]*Space: DEV[^]*THIS IS A DRAFT ONLY/);

  const request = await host.call("gemini_pr_start", {
    cwd: state.cwd,
    base_branch: "main",
    compare_branch: "topic",
    publish: true,
    approval_policy: "full-auto",
  }, Started);
  const published = await host.call("gemini_wait", { job_id: request.job_id }, Told);
  assert.equal((await host.poll(published.job_id)).approval_policy, "full-auto");
  assert.match(published.result ?? "", /Base branch: main[^]*Push topic[^]*as a DRAFT/);

  const plain = await host.call("gemini_start", { prompt: "tell me", cwd: state.cwd }, Started);
  assert.match(
    plain.message,
    /^Job \w{8} is (?:running|accepted)[^.]*\. Go on with other work, then call gemini_wait \(find it by that name if your tools lack it\)\.$/,
  );
  const answered = await host.call("gemini_wait", { job_id: plain.job_id }, Told);
  assert.match(answered.result ?? "", /tell me/);
  assert.match(
    await host.refused("gemini_pr_start", { cwd: state.cwd, pr_number: 0 }),
    /^invalid_argument: pr_number: must be more than 0/,
  );
  await shutDown(state);
});

Deno.test("toolset agents: Cursor, Codex and whichever ends first; jobs, queue and reports", async () => {
  await using home = makeStateHome();
  const state = withEnvironment(home, {
    PATH: `${AGENTS}/cursor:${home.env.PATH}`,
    CURSOR_API_KEY: "scripted",
  });
  await using host = await hostWith(state, "agents");
  const cursor = await host.call("cursor_start", { prompt: "hello", cwd: state.workspace("c") }, Started);
  const done = await host.call("cursor_wait", { job_id: cursor.job_id }, Told);
  assert.deepEqual([done.agent, done.status], ["cursor", "done"]);

  const codex = await host.start("wait go\nsay over");
  assert.equal((await host.call("codex_await_any", { timeout_seconds: 0 }, Any)).status, "timeout");
  const waiting = host.call("codex_wait", { job_id: codex }, Told);
  const report = await host.call("agent_notify_done", { job_id: codex, summary: "All is written." }, Any);
  assert.deepEqual(report, {
    job_id: codex,
    status: "running",
    summary: "All is written.",
    message: `Recorded for job ${codex}: it ends when its agent leaves, which silence brings about as well.`,
  });
  const still = await host.call("codex_wait", { job_id: codex, timeout_seconds: 0 }, Timeout);
  assert.equal(still.job_id, codex);
  const queue = await host.call("queue_status", {}, QueueStatus);
  assert.deepEqual(queue.running.map((job) => job.job_id), [codex]);
  assert.match(
    await host.refused("agent_notify_done", { summary: "x" }),
    /^invalid_argument: job_id: is required/,
  );

  await host.call("job_cancel", { job_id: codex }, Any);
  const ended = await waiting;
  assert.deepEqual([ended.status, ended.summary], ["cancelled", "All is written."]);
  const { jobs } = await host.call(
    "job_list",
    { status: "cancelled" },
    z.looseObject({ jobs: z.array(Any) }),
  );
  assert.deepEqual(jobs.map((job) => job.job_id), [codex]);
  await shutDown(state);
});

Deno.test("toolset stream: start without cwd, events from the cursor, reply, notifications and wait", async () => {
  await using state = makeStateHome();
  await using host = await hostWith(state, "stream");
  const Cursor = z.looseObject({ job_id: z.string(), cursor: z.number(), status: z.string() });
  const started = await host.call("codex_async_start", { prompt: "run pwd\nsay one" }, Cursor);
  const { job_id } = started;
  const first = await host.call("codex_async_wait", { timeout_seconds: 100 }, FeedPage);
  assert.deepEqual(first.notifications.map((entry) => [entry.job_id, entry.status, entry.reason]), [
    [job_id, "done", "completed"],
  ]);

  const Page = z.looseObject({
    events: z.array(z.looseObject({ seq: z.number(), type: z.string() })),
    cursor: z.number(),
    status: z.string(),
    more: z.boolean(),
  });
  const page = await host.call("codex_async_events", {
    job_id,
    cursor: started.cursor,
    event_types: ["command", "message"],
  }, Page);
  const ended = page.events.filter((event) => event.state !== "started");
  assert.deepEqual(ended.map((event) => [event.type, event.output ?? event.text]), [
    ["command", `${state.cwd}\n`],
    ["message", "one"],
  ]);

  const reply = await host.call("codex_async_reply", { job_id, prompt: "say two" }, Cursor);
  const second = await host.call(
    "codex_async_wait",
    { cursor: first.cursor, timeout_seconds: 100 },
    FeedPage,
  );
  assert.deepEqual(second.notifications.map((entry) => [entry.job_id, entry.turn, entry.status]), [[
    job_id,
    2,
    "done",
  ]]);
  const more = await host.call("codex_async_events", {
    job_id,
    cursor: reply.cursor,
    event_types: ["message"],
  }, Page);
  assert.deepEqual(more.events.map((event) => event.text), ["two"]);

  const all = await host.call("codex_async_notifications", {}, FeedPage);
  assert.deepEqual(all.notifications.map((entry) => [entry.turn, entry.status]), [[1, "done"], [2, "done"]]);
  const later = await host.call("codex_async_notifications", { cursor: all.cursor }, FeedPage);
  assert.deepEqual(later, { notifications: [], cursor: all.cursor });
  // A cursor from nowhere: what is yet to end, and not everything that was.
  const beyond = { cursor: all.cursor + 1_000 };
  assert.deepEqual(await host.call("codex_async_notifications", beyond, FeedPage), later);
  const waiting = host.call("codex_async_wait", { ...beyond, timeout_seconds: 60 }, FeedPage);
  await host.call("codex_async_reply", { job_id, prompt: "say three" }, Cursor);
  assert.deepEqual((await waiting).notifications.map((entry) => [entry.job_id, entry.turn]), [[job_id, 3]]);
  // Without a cursor: what this tool has not told this session, whatever other readers have read.
  const untold = await host.call("codex_async_wait", { timeout_seconds: 0 }, FeedPage);
  assert.deepEqual(untold.notifications.map((entry) => entry.turn), [2, 3]);
  await shutDown(state);
});

Deno.test("codex_async_start works under the sandbox that it is given: read-only is suggest", async () => {
  await using home = makeStateHome();
  const state = withEnvironment(home, { SCRIPTED_CODEX_ARGS: `${home.cwd}.args` });
  await using host = await hostWith(state, "all");
  const policies = [];
  for (
    const args of [
      { sandbox: "read-only" },
      { sandbox: "workspace-write", approval_policy: "never" },
      { sandbox: "danger-full-access" },
    ]
  ) {
    const started = await host.call("codex_async_start", { prompt: "say x", ...args }, Started);
    policies.push((await host.ended(started.job_id)).approval_policy);
  }
  assert.deepEqual(policies, ["suggest", "auto-edit", "full-auto"]);
  // The scripted Codex is not talked with: its job under ask is only looked at.
  const untrusted = { prompt: "say x", sandbox: "danger-full-access", approval_policy: "untrusted" };
  const asking = await host.call("codex_async_start", untrusted, Started);
  assert.equal((await host.poll(asking.job_id)).approval_policy, "ask");
  await host.call("job_cancel", { job_id: asking.job_id }, z.looseObject({ status: z.literal("cancelled") }));
  assert.match(Deno.readTextFileSync(`${home.cwd}.args`).split("exec").at(1) ?? "", /read-only/);
  assert.match(
    await host.refused("codex_async_start", {
      prompt: "x",
      sandbox: "read-only",
      approval_policy: "full-auto",
    }),
    /^invalid_argument: approval_policy: is full-auto, but sandbox read-only is suggest/,
  );
  await shutDown(state);
});

Deno.test("a running job tells the pid of its agent, an ended one does not", async () => {
  await using state = makeStateHome();
  await using host = await hostWith(state, "codex");
  const { job_id } = await host.call("codex_start", { prompt: "wait go", cwd: state.cwd }, Started);
  const pid = await eventually(
    async () => (await host.call("codex_poll", { job_id }, Told)).pid,
    { what: "a pid" },
  );
  assert.match(Deno.readTextFileSync(`/proc/${pid}/cmdline`), /codex/);
  Deno.writeTextFileSync(`${state.cwd}/go`, "");
  await host.call("codex_wait", { job_id }, Told);
  assert.equal((await host.call("codex_poll", { job_id }, Told)).pid, undefined);
  await shutDown(state);
});

Deno.test("toolsets: by variable, all of them, and an unknown one is refused with the known ones", async () => {
  await using home = makeStateHome();
  const state = withEnvironment(home, { AGENT_ASYNC_TOOLSETS: "codex,stream" });
  await using host = await HostSession.start(state);
  const names = (await host.mcp.client.listTools()).tools.map((tool) => tool.name);
  assert.deepEqual([names.length, names.includes("codex_poll"), names.includes("codex_async_wait")], [
    12,
    true,
    true,
  ]);
  await using all = await HostSession.start(state, ["mcp", "--toolsets", "all"]);
  assert.ok((await all.mcp.client.listTools()).tools.length >= 26);
  const refused = await runProgram(state, ["mcp", "--toolsets", "jobs,streams"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--toolsets: must be a list of jobs, codex, agents, starts, stream, all/);
  const byVariable = await runProgram(withEnvironment(home, { AGENT_ASYNC_TOOLSETS: "job" }), ["mcp"]);
  assert.equal(byVariable.code, 0);
  assert.match(byVariable.stderr, /AGENT_ASYNC_TOOLSETS: .*jobs, codex, agents, starts, stream, all/);
});
