/**
 * A job whose agent has reported it as done and still runs: those who wait for it go on waiting, through tools as well
 * as for a command.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { JobResult } from "../../src/domain/job/result.ts";
import { WaitResult } from "../../src/service/read_requests.ts";
import { HostSession, runProgram, shutDown } from "../support/program.ts";
import { makeStateHome } from "../support/state_home.ts";

const Texts = z.array(z.object({ text: z.string() }));

Deno.test("a job that was reported as done is told to run still, and the command line waits for its end", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state, ["mcp", "--toolsets", "all"]);
  const job_id = await host.start("wait go\nsay over");
  await host.call("agent_notify_done", { job_id, summary: "All is written." }, z.unknown());

  const waited = await host.mcp.client.callTool({
    name: "job_wait",
    arguments: { job_ids: [job_id], timeout_seconds: 0 },
  });
  const text = Texts.parse(waited.content).map((part) => part.text).join("\n");
  assert.match(text, /^0 ended, 1 unfinished, /);

  const impatient = await runProgram(state, ["wait", job_id, "--timeout", "0", "--json"]);
  assert.equal(impatient.code, 3);
  assert.deepEqual(
    WaitResult.parse(JSON.parse(impatient.stdout)).unfinished.map((job) => job.job_id),
    [job_id],
  );
  const patient = runProgram(state, ["wait", job_id, "--json"]);
  Deno.writeTextFileSync(`${state.cwd}/go`, "");
  const { code, stdout } = await patient;
  const [job] = WaitResult.parse(JSON.parse(stdout)).jobs;
  assert.deepEqual([code, job?.status, job?.result], [0, "done", "over"]);
  // The same job result as that of `show`.
  const shown = await runProgram(state, ["show", job_id, "--json"]);
  assert.deepEqual(job, JobResult.parse(JSON.parse(shown.stdout)));
  assert.match(job?.output ?? "", /over\n\n.*\n\[turn 1 done\]$/);
  await shutDown(state);
});

Deno.test("run --json prints the job result with the end of the transcript, as show does", async () => {
  await using state = makeStateHome();
  for (const follow of [[], ["--follow"]]) {
    const ran = await runProgram(state, ["run", "say over", "--json", ...follow]);
    const last = follow.length === 0 ? ran.stdout : ran.stdout.trim().split("\n").at(-1) ?? "";
    const shown = await runProgram(state, ["show", "last", "--json"]);
    assert.deepEqual(JobResult.parse(JSON.parse(last)), JobResult.parse(JSON.parse(shown.stdout)));
  }
  await shutDown(state);
});
