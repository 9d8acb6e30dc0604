/** Agents of the user's own, from `config.json` to the result: their tools, their place in the queue, the CLI. */
import assert from "node:assert/strict";
import { z } from "zod";
import { SAID_NOTHING } from "../../src/domain/turn/doubts.ts";
import { AgentState } from "../../src/service/read_requests.ts";
import { AgentStage } from "../support/agent_stage.ts";
import { eventually } from "../support/eventually.ts";
import { OWN_AGENTS, WRITER } from "../support/own_agents.ts";
import { runProgram } from "../support/program.ts";
import type { JobResult } from "../../src/domain/job/result.ts";

const setStage = () => AgentStage.set({ agents: [], config: { agents: OWN_AGENTS } });

/** What does not change from run to run. */
function facts(
  { agent, status, reason, exit_code, result, files_changed, commands_run, turn, usage }: JobResult,
) {
  return { agent, status, reason, exit_code, result, files_changed, commands_run, turn, usage };
}

/** An agent that prints text says none of it. */
const UNKNOWN = { input_tokens: null, cached_input_tokens: null, output_tokens: null, total_tokens: null };

Deno.test("own agents: each has its tool and its place in queue_status", async () => {
  await using stage = await setStage();
  // On a very busy machine the first list comes before they are found.
  const starts = await eventually(async () => {
    const { tools } = await stage.host.mcp.client.listTools();
    const found = tools.filter(({ name }) => name.endsWith("_start"));
    return found.some(({ name }) => name === "job_start") ? found : null;
  }, { what: "the agents are found" });
  assert.deepEqual(starts.map(({ name }) => name), ["job_start"]);
  assert.match(starts.at(0)?.description ?? "", /\bEcho Writer \(writer\), ledger\b/);
  assert.match(JSON.stringify(starts.at(0)?.inputSchema), /"enum":\["writer","ledger"\]/);
  const { agents } = await stage.host.call("queue_status", {}, z.object({ agents: z.array(AgentState) }));
  const own = agents.filter(({ name }) => Object.hasOwn(OWN_AGENTS, name));
  assert.deepEqual(own, [
    { name: "writer", available: true, version: "1.4.2" },
    { name: "ledger", available: true, version: Deno.version.deno },
  ]);
});

Deno.test("own agents: text by stdin, with the model, the policy and the rules of the directory", async () => {
  await using stage = await setStage();
  const cwd = stage.state.workspace("text");
  Deno.writeTextFileSync(`${cwd}/.cursorrules`, "Be kind.\n");
  const id = await stage.start("writer", "hello", { cwd, model: "big", approval_policy: "suggest" });
  const job = await stage.host.ended(id);
  const [thinking, ...said] = (job.result ?? "").split("\n\n");
  assert.equal(thinking, `Thinking in ${cwd} with -m big --read-only`);
  assert.match(said.join("\n\n"), /^You said:\n[^]*Be kind\.[^]*hello$/);
  assert.deepEqual({ ...facts(job), result: null }, {
    agent: "writer",
    status: "done",
    reason: "completed",
    exit_code: 0,
    result: null,
    files_changed: null,
    commands_run: null,
    turn: 1,
    usage: UNKNOWN,
  });
  // Colours are gone, and paragraphs are messages.
  assert.match(
    job.output,
    /^\[turn 1: Echo Writer\]\n\nThinking in [^]*\n\n\nYou said:\n[^]*\[turn 1 done\]$/,
  );
  const refused = await stage.host.refused("job_reply", { job_id: id, prompt: "more" });
  assert.match(refused, /Echo Writer|writer/);
  assert.match(refused, /session/);
});

Deno.test("own agents: lines of JSON, a prompt by file, and a reply in the same session", async () => {
  await using stage = await setStage();
  const cwd = stage.state.workspace("lines");
  const first = await stage.run("ledger", "one", { cwd });
  const file = `${cwd}/${first.session_id}.ledger`;
  const expected = {
    agent: "ledger",
    status: "done",
    reason: "completed",
    exit_code: 0,
    result: "asked so far:\none",
    files_changed: [file],
    commands_run: 1,
    turn: 1,
    usage: { input_tokens: 15, cached_input_tokens: 4, output_tokens: 3, total_tokens: 18 },
  };
  assert.deepEqual(facts(first), expected);
  assert.equal(
    first.output,
    [
      "[turn 1: ledger]",
      `[session ${first.session_id}]`,
      "$ ls",
      "  a",
      "  b",
      "[exit 0]",
      `[changed ${first.session_id}.ledger]`,
      "",
      "asked so far:",
      "one",
      "",
      "[10 tokens in (4 cached), 2 out]",
      "[15 tokens in (4 cached), 3 out]",
      "not json",
      '{"type":"surprise","value":[1,2]}',
      "[turn 1 done]",
    ].join("\n"),
  );
  const second = await stage.reply(first.job_id, "two");
  assert.deepEqual(facts(second), {
    ...expected,
    result: "asked so far:\none\ntwo",
    turn: 2,
    commands_run: 2,
    usage: { input_tokens: 30, cached_input_tokens: 8, output_tokens: 6, total_tokens: 36 },
  });
  assert.equal(second.session_id, first.session_id);
});

Deno.test("own agents: the command line runs them by name, and knows who is missing", async () => {
  await using stage = await setStage();
  const run = (...args: string[]) => runProgram(stage.state, args);
  const written = await run(
    "run",
    "-a",
    "writer",
    "-C",
    stage.state.cwd,
    "--policy",
    "full-auto",
    "hello there",
  );
  assert.equal(written.code, 0, written.stderr);
  assert.match(written.stdout, /with --yes\n[^]*You said:\nhello there\n/);
  const counted = await run("run", "-a", "ledger", "-C", stage.state.cwd, "--json", "one");
  assert.equal(counted.code, 0, counted.stderr);
  assert.equal(
    z.object({ result: z.string() }).parse(JSON.parse(counted.stdout)).result,
    "asked so far:\none",
  );
  const failed = await run("run", "-a", "writer", "-C", stage.state.cwd, "please fail");
  assert.equal(failed.code, 1);
  assert.match(failed.stdout + failed.stderr, /something broke/);
  const nobody = await run("run", "-a", "writter", "-C", stage.state.cwd, "hello");
  assert.notEqual(nobody.code, 0);
  assert.match(nobody.stderr, /writter/);
});

Deno.test("own agents: one whose command is missing is refused with what to do about it", async () => {
  const gone = { ...WRITER, command: "/nowhere/writer", install_hint: "Ask the office for it." };
  await using stage = await AgentStage.set({ agents: [], config: { agents: { writer: gone } } });
  const { tools } = await stage.host.mcp.client.listTools();
  assert.equal(tools.some(({ name }) => name === "writer_start"), false);
  const refused = await stage.host.refused("writer_start", { prompt: "Go.", cwd: stage.state.cwd });
  assert.match(refused, /Echo Writer is not installed[^]*Ask the office for it\./);
});

Deno.test("own agents: a policy that the entry does not say how to keep is refused at the start", async () => {
  const { suggest } = WRITER.policy_args;
  const careful = { ...WRITER, policy_args: { suggest } };
  const { policy_args: _, ...plain } = WRITER;
  await using stage = await AgentStage.set({ agents: [], config: { agents: { careful, plain } } });
  const start = (agent: string, approval_policy?: string) =>
    stage.host.refused(`${agent}_start`, {
      prompt: "Go.",
      cwd: stage.state.cwd,
      ...(approval_policy === undefined ? {} : { approval_policy }),
    });
  assert.match(await start("careful"), /cannot be held to auto-edit[^]*Use suggest/);
  assert.match(await start("plain", "suggest"), /cannot be held to suggest[^]*Use auto-edit or full-auto/);
  const job = await stage.host.ended(
    await stage.start("careful", "hello", { cwd: stage.state.cwd, approval_policy: "suggest" }),
  );
  assert.equal(job.status, "done");
  const refused = await stage.host.refused("job_reply", {
    job_id: job.job_id,
    prompt: "more",
    approval_policy: "full-auto",
  });
  assert.match(refused, /session|full-auto/);
});

const UNANSWERED = "It cannot be answered while it works: approval policy ask is refused.";

const Tried = z.object({
  agent: z.string(),
  policy: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  result: z.string().nullable(),
  understood: z.record(z.string(), z.number()),
  not_understood: z.object({ lines: z.number(), examples: z.array(z.string()) }),
  missing: z.array(z.string()),
  cannot: z.array(z.string()),
  doubts: z.array(z.string()),
});

Deno.test("own agents: try-agent says what was understood, what was not, and what an agent cannot do", async () => {
  const silent = { command: "/bin/true", policy_args: { suggest: [] } };
  const config = { agents: { ...OWN_AGENTS, silent } };
  await using stage = await AgentStage.set({ agents: [], config });
  const tryAgent = async (...args: string[]) => {
    const { code, stdout, stderr } = await runProgram(stage.state, ["try-agent", "--json", ...args]);
    assert.equal(code, 0, stderr);
    const { job_id: _, title: _title, ...tried } = z.looseObject({}).parse(JSON.parse(stdout));
    return Tried.parse(tried);
  };
  const ledger = await tryAgent("ledger");
  assert.match(ledger.result ?? "", /^asked so far:\n/);
  assert.deepEqual({ ...ledger, result: null }, {
    agent: "ledger",
    policy: "auto-edit",
    status: "done",
    reason: "completed",
    result: null,
    understood: { session: 1, command: 1, file_change: 1, message: 1, usage: 2 },
    not_understood: { lines: 2, examples: ["not json", '{"type":"surprise","value":[1,2]}'] },
    missing: [],
    cannot: ["It cannot be held to suggest.", UNANSWERED],
    doubts: [],
  });
  const writer = await tryAgent("writer");
  assert.deepEqual([writer.policy, writer.missing, writer.cannot], [
    "suggest",
    ["It did not tell what it has used.", "It named no session."],
    [UNANSWERED, "It cannot be continued with a reply: it has no sessions."],
  ]);
  const nothing = await tryAgent("silent");
  assert.deepEqual([nothing.status, nothing.understood, nothing.doubts.length], ["done", {}, 1]);
  const shown = await runProgram(stage.state, ["try-agent", "silent"]);
  assert.match(
    shown.stdout,
    /understood\s+nothing\nnot\s+(?:nothing: every line was understood|\d+ lines)[^]*cannot\s+It cannot be held to auto-edit or full-auto\./,
  );
  assert.match(shown.stderr, /said nothing and did nothing/);
  const unknown = await runProgram(stage.state, ["try-agent", "nobody"]);
  assert.notEqual(unknown.code, 0);
  assert.match(unknown.stderr, /Known agents: codex, .*ledger/);
});

Deno.test("own agents: one that said nothing at all ends with a doubt in its result", async () => {
  const silent = { command: "/bin/true" };
  await using stage = await AgentStage.set({ agents: [], config: { agents: { silent } } });
  const { evidence, status } = await stage.run("silent", "Go.", { cwd: stage.state.cwd });
  assert.equal(status, "done");
  assert.deepEqual(evidence, {
    lines_added: 0,
    lines_removed: 0,
    commands_failed: null,
    doubts: [SAID_NOTHING],
  });
});
