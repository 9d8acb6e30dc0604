/** The real Claude Code as a job, from start to result and on through replies, through the real MCP server. */
import assert from "node:assert/strict";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { addFile, answer, reasoning, shell, text } from "../model/scenario.ts";
import { AgentStage, fileIn } from "../support/agent_stage.ts";

Deno.test("claude job: thoughts, a command, a file and an answer, with events, files and usage by value", async () => {
  await using stage = await AgentStage.set({ agents: ["claude"] });
  const cwd = stage.state.workspace("job");
  const path = `${cwd}/new.txt`;
  stage.model.script("work", [
    answer([reasoning("Looking around"), text("Let me look."), shell("echo out; echo err >&2; exit 3")]),
    addFile(path, "hello\n"),
    answer([text("All done.")], { usage: { input: 300, cached: 200, output: 30, reasoning: 0 } }),
  ]);
  const prompt = "Please work. [[scenario work]]";
  const id = await stage.start("claude", prompt, {
    cwd,
    approval_policy: "full-auto",
    model: "claude-sonnet-4-5",
  });
  const job = await stage.host.ended(id);
  const { created_at, started_at, finished_at, duration_seconds, output, session_id, cursor, ...rest } = job;
  const { cost_usd, ...tokens } = rest.usage;
  assert.deepEqual({ ...rest, usage: tokens }, {
    job_id: id,
    agent: "claude",
    status: "done",
    reason: "completed",
    exit_code: 0,
    result: "All done.",
    files_changed: [path],
    commands_run: 1,
    usage: {
      input_tokens: 500,
      cached_input_tokens: 240,
      output_tokens: 50,
      reasoning_tokens: 0,
      total_tokens: 550,
    },
    possibly_truncated: false,
    evidence: { lines_added: 1, lines_removed: 0, commands_failed: 1, doubts: [] },
    turn: 1,
    cwd,
    approval_policy: "full-auto",
    prompt,
  });
  // 260 tokens at $3 a million, 240 cached at $0.30 and 50 out at $15, as this version of Claude Code reckons.
  assert.equal(cost_usd?.toFixed(6), "0.001602");
  assert.match(session_id ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.ok(
    started_at !== null && finished_at !== null && created_at <= started_at && started_at <= finished_at,
  );
  assert.equal(duration_seconds, (Date.parse(finished_at) - Date.parse(started_at)) / 1000);
  assert.equal(
    output,
    [
      "[turn 1: Claude Code]",
      `[session ${session_id}, claude-sonnet-4-5]`,
      "  ~ Looking around",
      "",
      "Let me look.",
      "",
      "$ echo out; echo err >&2; exit 3",
      "  out",
      "  err",
      "[command failed (exit 3)]",
      `[added ${path}]`,
      "",
      "All done.",
      "",
      "[500 tokens in (240 cached), 50 out, $0.0016]",
      "[turn 1 done]",
    ].join("\n"),
  );
  const command = "echo out; echo err >&2; exit 3";
  const events = await stage.events(id);
  const [ran, changed] = events.filter(({ state }) => state === "started").map(({ id }) => String(id));
  const { usage } = job;
  const expected: EventBody[] = [
    { type: "status", state: "running", message: "turn 1: Claude Code" },
    { type: "session", session_id: session_id ?? "", model: "claude-sonnet-4-5" },
    { type: "reasoning", text: "Looking around" },
    { type: "message", text: "Let me look." },
    { type: "command", id: ran ?? "", state: "started", command },
    { type: "command", id: ran ?? "", state: "failed", command, exit_code: 3, output: "out\nerr" },
    { type: "file_change", id: changed ?? "", state: "started", changes: [{ path, kind: "add" }] },
    { type: "file_change", id: changed ?? "", state: "completed", changes: [{ path, kind: "add" }] },
    { type: "message", text: "All done." },
    { type: "usage", usage, session_usage: usage },
    { type: "status", state: "done", message: "turn 1 done" },
  ];
  assert.deepEqual(events, expected);
  assert.equal(cursor, expected.length);
  assert.equal(fileIn(cwd, "new.txt"), "hello\n");
});

Deno.test("claude job: replies go on in the same session, and the job costs what its turns cost", async () => {
  await using stage = await AgentStage.set({ agents: ["claude"] });
  stage.model.script("first", [shell("echo the colour is blue"), text("I remember 7.")]);
  stage.model.script("second", [text("It was 7, and blue.")]);
  stage.model.script("third", [text("As I said.")]);
  const first = await stage.run("claude", "Remember 7. [[scenario first]]", { approval_policy: "full-auto" });
  const second = await stage.reply(first.job_id, "Which number? [[scenario second]]");
  const third = await stage.reply(first.job_id, "Are you sure? [[scenario third]]");
  assert.deepEqual(
    [first, second, third].map(({ status, turn, result, usage, session_id }) => [
      status,
      turn,
      result,
      usage.total_tokens,
      session_id,
    ]),
    [
      ["done", 1, "I remember 7.", 220, first.session_id],
      ["done", 2, "It was 7, and blue.", 330, first.session_id],
      ["done", 3, "As I said.", 440, first.session_id],
    ],
  );
  const costs = [first, second, third].map(({ usage }) => usage.cost_usd ?? Number.NaN);
  const [once = 0, twice = 0, thrice = 0] = costs;
  assert.ok(
    once > 0 && Math.abs(twice - once * 1.5) < 1e-9 && Math.abs(thrice - once * 2) < 1e-9,
    `${costs}`,
  );
  const body = JSON.stringify(stage.model.modelRequests("third")[0]?.body);
  const texts = [
    "Remember 7.",
    "echo the colour is blue",
    "I remember 7.",
    "Which number?",
    "It was 7, and blue.",
  ];
  assert.deepEqual(texts.map((text) => body.split(text).length - 1), [1, 1, 1, 1, 1]);
});
