/** The same again: real agents behind the real program, asked from a terminal. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { JobResult } from "../../src/domain/job/result.ts";
import { answer, text } from "../model/scenario.ts";
import { AgentStage } from "../support/agent_stage.ts";
import { runProgram } from "../support/program.ts";

Deno.test("retry: a job of the real Codex once more after its daemon has gone, and then by the real Claude Code", async () => {
  await using stage = await AgentStage.set({ agents: ["codex", "claude"] });
  for (const round of ["first", "second", "third"]) {
    stage.model.script(round, [answer([text(`The ${round} answer.`)])]);
  }
  const notes = join(stage.state.cwd, "notes.txt");
  Deno.writeTextFileSync(notes, "[[scenario first]]\n");
  const id = await stage.start("codex", "Read the notes.", {
    cwd: stage.state.cwd,
    context_files: ["notes.txt"],
    approval_policy: "suggest",
    title: "Notes",
  });
  const first = await stage.host.ended(id);
  assert.deepEqual([first.agent, first.result], ["codex", "The first answer."]);
  await stage.leave();
  assert.equal((await runProgram(stage.state, ["daemon", "stop"])).code, 0);

  const retried = async (args: readonly string[]): Promise<JobResult> => {
    const { code, stdout, stderr } = await runProgram(stage.state, ["retry", "--wait", "--json", ...args]);
    assert.equal(code, 0, stderr);
    return JobResult.parse(JSON.parse(stdout));
  };
  const told = (job: JobResult) => [job.agent, job.result, job.title, job.approval_policy, job.cwd, job.turn];
  Deno.writeTextFileSync(notes, "[[scenario second]]\n");
  const second = await retried(["last"]);
  assert.deepEqual(told(second), ["codex", "The second answer.", "Notes", "suggest", first.cwd, 1]);
  Deno.writeTextFileSync(notes, "[[scenario third]]\n");
  const third = await retried(["-a", "claude", id.slice(0, 6)]);
  assert.deepEqual(told(third), ["claude", "The third answer.", "Notes", "suggest", first.cwd, 1]);
  const sessions = [first, second, third].map(({ session_id }) => session_id);
  assert.equal(new Set([...sessions, null]).size, 4);

  Deno.removeSync(notes);
  const refused = await runProgram(stage.state, ["retry", id]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Cannot retry job \w{8}: context_files\[0\]: notes\.txt /);
});
