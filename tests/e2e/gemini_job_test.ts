/** The real Gemini CLI as a job, from start to result and on through replies, through the real MCP server. */
import assert from "node:assert/strict";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { addFile, answer, reasoning, shell, text } from "../model/scenario.ts";
import { AgentStage, fileIn } from "../support/agent_stage.ts";

Deno.test("gemini job: a command, a file and an answer, with events, files and usage by value", async () => {
  await using stage = await AgentStage.set({ agents: ["gemini"] });
  stage.model.script("work", [
    answer([reasoning("Looking around"), text("Let me "), text("look."), shell("echo out; echo err >&2")]),
    addFile("new.txt", "hello\n"),
    answer([text("All "), text("done.")], { usage: { input: 300, cached: 200, output: 30, reasoning: 7 } }),
  ]);
  const prompt = "Please work. [[scenario work]]";
  const cwd = stage.state.workspace("job");
  const id = await stage.start("gemini", prompt, {
    cwd,
    approval_policy: "full-auto",
    model: "gemini-2.5-pro",
  });
  const job = await stage.host.ended(id);
  const usage = {
    input_tokens: 500,
    cached_input_tokens: 240,
    output_tokens: 50,
    reasoning_tokens: 13,
    total_tokens: 550,
  };
  const { created_at, started_at, finished_at, duration_seconds, output, session_id, cursor, ...rest } = job;
  assert.deepEqual(rest, {
    job_id: id,
    agent: "gemini",
    status: "done",
    reason: "completed",
    exit_code: 0,
    result: "All done.",
    files_changed: [`${cwd}/new.txt`],
    commands_run: 1,
    usage,
    possibly_truncated: false,
    evidence: { lines_added: 1, lines_removed: 0, commands_failed: 0, doubts: [] },
    turn: 1,
    cwd,
    approval_policy: "full-auto",
    prompt,
  });
  assert.match(session_id ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.ok(
    started_at !== null && finished_at !== null && created_at <= started_at && started_at <= finished_at,
  );
  assert.equal(duration_seconds, (Date.parse(finished_at) - Date.parse(started_at)) / 1000);
  assert.equal(
    output,
    [
      "[turn 1: Gemini CLI]",
      `[session ${session_id}, gemini-2.5-pro]`,
      "",
      "Let me look.",
      "",
      "$ echo out; echo err >&2",
      "  out",
      "  err",
      "[added new.txt]",
      "",
      "All done.",
      "",
      "[500 tokens in (240 cached), 50 out]",
      "[turn 1 done]",
    ].join("\n"),
  );
  const command = "echo out; echo err >&2";
  const changes = [{ path: "new.txt", kind: "add" as const }];
  const events = await stage.events(id);
  const [ran, changed] = events.filter(({ state }) => state === "started").map(({ id }) => String(id));
  const expected: EventBody[] = [
    { type: "status", state: "running", message: "turn 1: Gemini CLI" },
    { type: "session", session_id: session_id ?? "", model: "gemini-2.5-pro" },
    { type: "message", text: "Let me look." },
    { type: "command", id: ran ?? "", state: "started", command },
    { type: "command", id: ran ?? "", state: "completed", command, output: "out\nerr" },
    { type: "file_change", id: changed ?? "", state: "started", changes },
    { type: "file_change", id: changed ?? "", state: "completed", changes },
    { type: "message", text: "All done." },
    { type: "usage", usage },
    { type: "status", state: "done", message: "turn 1 done" },
  ];
  assert.deepEqual(events, expected);
  assert.equal(cursor, expected.length);
  assert.equal(fileIn(cwd, "new.txt"), "hello\n");
});

Deno.test("gemini job: replies carry the whole conversation, neither lost nor doubled", async () => {
  await using stage = await AgentStage.set({ agents: ["gemini"] });
  stage.model.script("first", [shell("echo the colour is blue"), text("I remember 7.")]);
  stage.model.script("second", [addFile("second.txt", "2\n"), text("It was 7, and blue.")]);
  stage.model.script("third", [text("As I said twice.")]);
  const first = await stage.run("gemini", "Remember 7. [[scenario first]]", { approval_policy: "full-auto" });
  const second = await stage.reply(first.job_id, "Which number? [[scenario second]]");
  const third = await stage.reply(first.job_id, "Are you sure? [[scenario third]]");
  assert.deepEqual(
    [first, second, third].map((
      { status, turn, result, usage },
    ) => [status, turn, result, usage.total_tokens]),
    [
      ["done", 1, "I remember 7.", 220],
      ["done", 2, "It was 7, and blue.", 440],
      ["done", 3, "As I said twice.", 550],
    ],
  );
  assert.equal(new Set([first, second, third].map(({ session_id }) => session_id)).size, 3);
  /** How often each text is in what one turn first sent, prompts, answers and the results of tools alike. */
  const counts = (scenario: string, texts: readonly string[]) => {
    const [request] = stage.model.modelRequests(scenario);
    const body = JSON.stringify(request?.body);
    return texts.map((text) => body.split(text).length - 1);
  };
  const firstTexts = ["Remember 7.", "echo the colour is blue", "I remember 7."];
  const secondTexts = ["Which number?", "add second.txt", "It was 7, and blue."];
  assert.deepEqual(counts("second", [...firstTexts, "Which number?"]), [1, 1, 1, 1]);
  assert.deepEqual(counts("third", [...firstTexts, ...secondTexts, "Are you sure?"]), [1, 1, 1, 1, 1, 1, 1]);
  // The command itself, in the record, and what it printed.
  assert.deepEqual(counts("third", ["the colour is blue"]), [2]);
  assert.match(stage.model.prompts("third").at(-1) ?? "", /\n\nAre you sure\? \[\[scenario third\]\]$/);
  assert.equal(stage.model.modelRequests("first").length, 2);
  const said = (await stage.events(first.job_id)).filter(({ type }) => type === "message");
  assert.deepEqual(said.map(({ text }) => text), [
    "I remember 7.",
    "It was 7, and blue.",
    "As I said twice.",
  ]);
});
