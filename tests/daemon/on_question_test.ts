/** The user's command hears of every question that is open when it is told, once, and of nothing else. */
import assert from "node:assert/strict";
import { runOnQuestion } from "../../src/daemon/serve/on_question.ts";
import { silentLog } from "../../src/system/log.ts";
import { AskingService, MAY_IT_RUN } from "../support/asking_service.ts";
import { eventually } from "../support/eventually.ts";

Deno.test("on_question gets the job with what it asks, once, and answers as a person", async () => {
  await using stage = await AskingService.open();
  const told = `${stage.state.workspace("told")}/log`;
  Deno.writeTextFileSync(told, "");
  const leaving = new AbortController();
  const before = await stage.running({ prompt: "before" });
  await stage.ask(before);
  const run = () =>
    runOnQuestion({
      service: stage.service,
      command: () => `cat >>${told}; echo " $AGENT_ASYNC_ASKING_JOB_ID $CLAUDECODE" >>${told}`,
      cursorFile: `${stage.state.home}/on_question.cursor`,
      env: { ...stage.state.env, CLAUDECODE: "1" },
      log: silentLog,
      signal: leaving.signal,
    });
  const first = run();
  await eventually(() => exists(`${stage.state.home}/on_question.cursor`), {
    what: "the first look at the feed",
  });
  const id = await stage.running({ prompt: "Tidy up" });
  await stage.end(await stage.running());
  await stage.ask(id);
  await stage.ask(id, { ...MAY_IT_RUN, question_id: "1-b", title: "Run make" });
  const lines = await eventually(() => {
    const found = Deno.readTextFileSync(told).split("\n");
    return found.length === 3 && found.slice(0, 2);
  }, { what: "two tellings" });
  leaving.abort();
  await first;
  const jobs = lines.map((line) => JSON.parse(line.slice(0, line.indexOf(` ${id} `))));
  assert.deepEqual(
    jobs.map(({ job_id, prompt, questions }) => [
      job_id,
      prompt,
      questions.map((question: { title: string }) => question.title),
    ]),
    [[id, "Tidy up", [MAY_IT_RUN.title]], [id, "Tidy up", ["Run make"]]],
  );
  // No mark of the host that has started the daemon is left.
  assert.ok(lines.every((line) => line.endsWith(`${id} `)));
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
