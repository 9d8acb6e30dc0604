/** Cursor's CLI as a job through the real MCP server; the CLI is a fixture that speaks its documented format. */
import assert from "node:assert/strict";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { AgentStage, fileIn } from "../support/agent_stage.ts";

Deno.test("cursor job: an edit, a rejected command and an answer, by value, and a reply in the same chat", async () => {
  await using stage = await AgentStage.set({ agents: ["cursor"] });
  const cwd = stage.state.workspace("job");
  const id = await stage.start("cursor", "Remember 7.", { cwd });
  const job = await stage.host.ended(id);
  const usage = { input_tokens: 42, cached_input_tokens: 30, output_tokens: 4, total_tokens: 46 };
  const {
    created_at: _c,
    started_at: _s,
    finished_at: _f,
    duration_seconds: _d,
    output,
    session_id,
    ...rest
  } = job;
  assert.deepEqual(rest, {
    job_id: id,
    agent: "cursor",
    status: "done",
    reason: "completed",
    exit_code: 0,
    result: "Asked: Remember 7.",
    files_changed: [`${cwd}/cursor.txt`],
    // The one that was rejected did not run.
    commands_run: 0,
    usage,
    possibly_truncated: false,
    evidence: { lines_added: 1, lines_removed: 0, commands_failed: 0, doubts: [] },
    turn: 1,
    cwd,
    approval_policy: "auto-edit",
    prompt: "Remember 7.",
    cursor: 11,
  });
  assert.equal(
    output,
    [
      "[turn 1: Cursor Agent]",
      `[session ${session_id}, Auto]`,
      "  ~ I think",
      "",
      "I edit.",
      "",
      `[changed ${cwd}/cursor.txt]`,
      "$ touch cursor-shell.txt",
      "  Command requires approval",
      "[command declined]",
      "",
      "Asked: Remember 7.",
      "",
      "[42 tokens in (30 cached), 4 out]",
      "[turn 1 done]",
    ].join("\n"),
  );
  const changes = [{ path: `${cwd}/cursor.txt`, kind: "update" as const }];
  const command = "touch cursor-shell.txt";
  const expected: EventBody[] = [
    { type: "status", state: "running", message: "turn 1: Cursor Agent" },
    { type: "session", session_id: session_id ?? "", model: "Auto" },
    { type: "reasoning", text: "I think" },
    { type: "message", text: "I edit." },
    { type: "file_change", id: "e1", state: "started", changes },
    { type: "file_change", id: "e1", state: "completed", changes },
    { type: "command", id: "s1", state: "started", command },
    { type: "command", id: "s1", state: "declined", command, output: "Command requires approval" },
    { type: "message", text: "Asked: Remember 7." },
    { type: "usage", usage },
    { type: "status", state: "done", message: "turn 1 done" },
  ];
  assert.deepEqual(await stage.events(id), expected);
  assert.equal(fileIn(cwd, "cursor.txt"), "written\n");
  const second = await stage.reply(id, "Which number?");
  assert.deepEqual(
    [second.status, second.turn, second.result, second.session_id, second.usage.total_tokens],
    ["done", 2, "Asked: Remember 7.\nWhich number?", session_id, 92],
  );
});

Deno.test("cursor job: a project that makes Cursor run its programs is refused below full-auto, and says what to do", async () => {
  await using stage = await AgentStage.set({ agents: ["cursor"] });
  const cwd = stage.state.workspace("job");
  Deno.mkdirSync(`${cwd}/.cursor`);
  Deno.writeTextFileSync(`${cwd}/.cursor/hooks.json`, '{"hooks":{"stop":[{"command":"./evil.sh"}]}}');
  for (const policy of ["suggest", "auto-edit"]) {
    const job = await stage.run("cursor", "Work.", { cwd, approval_policy: policy });
    assert.deepEqual([job.status, job.reason], ["error", "spawn_failed"]);
    assert.match(`${job.error} ${job.hint}`, /hooks\.json names commands .*approval_policy full-auto/);
  }
  assert.equal((await stage.run("cursor", "Work.", { cwd, approval_policy: "full-auto" })).status, "done");
});
