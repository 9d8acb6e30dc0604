/** The real Codex CLI as a job, from start to result, through the real MCP server. */
import assert from "node:assert/strict";
import { z } from "zod";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { Brief } from "../../src/domain/job/result.ts";
import { EventsPage } from "../../src/service/read_requests.ts";
import { addFile, answer, reasoning, shell, text } from "../model/scenario.ts";
import { CodexStage, WAYS } from "../support/codex_stage.ts";
import { eventually } from "../support/eventually.ts";
import { isAlive } from "../support/program.ts";

const MODEL_WARNING = /^Model metadata/;

/**
 * All events of a job without what changes from run to run; Codex's word on the made-up model is left out. Actions are
 * numbered, since each way has ids of its own; what only one of them tells (the model, usage so far) is left out.
 */
async function bodies(stage: CodexStage, jobId: string): Promise<Record<string, unknown>[]> {
  const { events } = await stage.host.call(
    "job_events",
    { job_id: jobId, limit: 500, truncate: 0 },
    EventsPage,
  );
  assert.deepEqual(events.map((event) => event.seq), events.map((_, n) => n + 1));
  const ids: unknown[] = [];
  return events
    .map(({ seq: _seq, turn: _turn, time: _time, model: _model, ...body }) => {
      if (body.id === undefined) return body;
      if (!ids.includes(body.id)) ids.push(body.id);
      return { ...body, id: `action ${ids.indexOf(body.id) + 1}` };
    })
    .filter((body) => body.type !== "warning" || !MODEL_WARNING.test(String(body.message)))
    .filter((body) => body.so_far !== true);
}

for (const { way, live } of WAYS) {
  Deno.test(`codex job, ${way}: reasoning, a command, a patch and an answer, with events, files and usage by value`, async () => {
    await using stage = await CodexStage.set({ live });
    stage.model.script("work", [
      answer([reasoning("**Looking** around"), shell("echo out; exit 3")]),
      addFile("new.txt", "hello\n"),
      answer([text("All done.")], { usage: { input: 300, cached: 200, output: 30, reasoning: 7 } }),
    ]);
    const prompt = "Please work. [[scenario work]]";
    const id = await stage.host.start(prompt);
    const job = await stage.host.ended(id);
    const file = `${stage.state.cwd}/new.txt`;
    const usage = {
      input_tokens: 500,
      cached_input_tokens: 240,
      output_tokens: 50,
      reasoning_tokens: 13,
      total_tokens: 550,
    };
    const { created_at, started_at, finished_at, duration_seconds, output, session_id, cursor, ...rest } =
      job;
    assert.deepEqual(rest, {
      job_id: id,
      agent: "codex",
      status: "done",
      reason: "completed",
      exit_code: 0,
      result: "All done.",
      files_changed: [file],
      commands_run: 1,
      usage,
      possibly_truncated: false,
      evidence: { lines_added: 1, lines_removed: 0, commands_failed: 1, doubts: [] },
      turn: 1,
      cwd: stage.state.cwd,
      approval_policy: "auto-edit",
      prompt,
    });
    assert.ok(session_id !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(session_id));
    assert.ok(
      started_at !== null && finished_at !== null && created_at <= started_at && started_at <= finished_at,
    );
    assert.equal(duration_seconds, (Date.parse(finished_at) - Date.parse(started_at)) / 1000);
    assert.match(output, /\$ echo out; exit 3\n {2}out\n\[command failed \(exit 3\)\]\n\[added .*new\.txt\]/);
    const command = "echo out; exit 3";
    const changes = [{ path: file, kind: "add" as const }];
    const expected: EventBody[] = [
      { type: "status", state: "running", message: "turn 1: Codex CLI" },
      { type: "session", session_id },
      { type: "reasoning", text: "**Looking** around" },
      { type: "command", id: "action 1", state: "started", command },
      { type: "command", id: "action 1", state: "failed", command, exit_code: 3, output: "out\n" },
      { type: "file_change", id: "action 2", state: "started", changes },
      { type: "file_change", id: "action 2", state: "completed", changes },
      { type: "message", text: "All done." },
      { type: "usage", usage, session_usage: usage },
      { type: "status", state: "done", message: "turn 1 done" },
    ];
    assert.deepEqual(await bodies(stage, id), expected);
    assert.ok(cursor > expected.length);
    assert.equal(stage.file("new.txt"), "hello\n");
  });

  Deno.test(`codex job, ${way}: a reply continues the thread, and the job costs what its turns cost`, async () => {
    await using stage = await CodexStage.set({ live });
    stage.model.script("second", [
      answer([text("It was 7.")], { usage: { input: 50, cached: 5, output: 4, reasoning: 1 } }),
    ]);
    const id = await stage.host.start("Remember 7. [[scenario first]]");
    const first = await stage.host.ended(id);
    const reply = { job_id: id, prompt: "Which number? [[scenario second]]", approval_policy: "suggest" };
    const receipt = await stage.host.call(
      "job_reply",
      reply,
      z.object({ turn: z.number(), cursor: z.number() }),
    );
    assert.deepEqual(receipt, { turn: 2, cursor: first.cursor });
    const second = await stage.host.ended(id);
    assert.deepEqual(
      [second.status, second.turn, second.result, second.session_id, second.usage],
      ["done", 2, "It was 7.", first.session_id, {
        input_tokens: 150,
        cached_input_tokens: 25,
        output_tokens: 14,
        reasoning_tokens: 4,
        total_tokens: 164,
      }],
    );
    const [request] = stage.model.modelRequests("second");
    assert.ok(JSON.stringify(request?.body).includes("Remember 7."));
    const said = (await bodies(stage, id)).filter(({ type }) => type === "message").map(({ text }) => text);
    assert.deepEqual(said, ["done", "It was 7."]);
    const { jobs } = await stage.host.call("job_list", {}, z.object({ jobs: z.array(Brief) }));
    assert.deepEqual(jobs.map((job) => [job.job_id, job.status]), [[id, "done"]]);
  });

  for (const policy of ["auto-edit", "full-auto"] as const) {
    Deno.test(`codex job, ${way}: cancelled during a shell command under ${policy}, it leaves files and no process`, async () => {
      await using stage = await CodexStage.set({ live });
      // The second grandchild is in a session of its own and hears no SIGTERM.
      const command = `echo kept > kept.txt; echo $$ > pids; ` +
        `setsid sh -c 'trap "" TERM INT; echo $$ >> pids; sleep 600; sleep 600' & wait`;
      stage.model.script("long", [shell(command)]);
      const id = await stage.host.start("Take long. [[scenario long]]", { approval_policy: policy });
      await eventually(() => stage.file("pids")?.trim().split("\n").length === 2, {
        what: "the command",
      });
      const carriers = processesOf(id);
      assert.ok(carriers.length >= 4, `${carriers}`);
      const begun = performance.now();
      const answered = await stage.host.call(
        "job_cancel",
        { job_id: id },
        z.looseObject({ status: z.string() }),
      );
      assert.equal(answered.status, "cancelled");
      assert.ok(performance.now() - begun < 60_000);
      assert.deepEqual([processesOf(id), carriers.filter(isAlive)], [[], []]);
      const job = await stage.host.poll(id);
      assert.deepEqual([job.status, job.reason], ["cancelled", "cancelled"]);
      assert.equal(stage.file("kept.txt"), "kept\n");
    });
  }
}

/** Pids of the live processes that carry a job's marker: numbers in a sandbox's own namespace would be of no use. */
function processesOf(jobId: string): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    try {
      const environment = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0");
      return environment.includes(`AGENT_ASYNC_JOB_ID=${jobId}`) && isAlive(pid);
    } catch {
      return false;
    }
  });
}
