/** The user's command hears of every job that ends, over daemons that come and go. */
import assert from "node:assert/strict";
import { shellWords } from "../../src/system/processes/system_shell.ts";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";

Deno.test("on_finish gets the result of each job that ends, once", async () => {
  await using harness = await LocalHarness.start();
  const { cwd, home } = harness.state;
  const told = `${harness.state.workspace("told")}/log`;
  const command = `cat >>${told}; echo " $AGENT_ASYNC_FINISHED_JOB_ID" >>${told}`;
  Deno.writeTextFileSync(`${home}/config.json`, JSON.stringify({ on_finish: command }));
  const first = await harness.run("say one");
  await eventually(() => Deno.readTextFileSync(told).endsWith(`${first.job_id}\n`), {
    what: "the first telling",
  });
  const second = await harness.run("wait go\nfail two");
  await harness.restart();
  Deno.writeTextFileSync(`${cwd}/go`, "");
  await eventually(() => Deno.readTextFileSync(told).endsWith(`${second.job_id}\n`), {
    what: "the second telling",
  });
  const lines = Deno.readTextFileSync(told).trimEnd().split("\n");
  const results = lines.map((line) => JSON.parse(line.slice(0, line.lastIndexOf(" "))));
  assert.deepEqual(results.map((job) => [job.job_id, job.status, job.result]), [
    [first.job_id, "done", "one"],
    [second.job_id, "error", null],
  ]);
});

Deno.test("on_finish does not hear of a turn that another one follows at once", async () => {
  const echo = { command: "/bin/sh", args: ["-c", "cat"], output: "text", version_args: ["-c", "echo 1.0"] };
  await using harness = await LocalHarness.start();
  const told = `${harness.state.workspace("told")}/log`;
  Deno.writeTextFileSync(
    `${harness.state.home}/config.json`,
    JSON.stringify({ on_finish: `cat >>${told}; echo >>${told}`, agents: { echo } }),
  );
  const prompt = "fail You've hit your usage limit.";
  const { job_id } = await harness.run(prompt, { fallback: ["echo"] });
  const text = await eventually(() => {
    const now = Deno.readTextFileSync(told);
    return now.endsWith("\n") && now;
  }, { what: "the telling" });
  const job = JSON.parse(text);
  assert.deepEqual([job.job_id, job.turn, job.status, job.agent], [job_id, 2, "done", "echo"]);
});

Deno.test("on_finish: a command line goes to the shell of its system", () => {
  const line = 'notify "a b" > log';
  assert.deepEqual(shellWords(line, "linux"), ["/bin/sh", "-c", line]);
  assert.deepEqual(shellWords(line, "windows"), ["cmd.exe", "/d", "/s", "/c", `"${line}"`]);
});

Deno.test("on_finish tells of an end once, also where it cannot write down how far it has come", async () => {
  await using harness = await LocalHarness.start();
  const { home } = harness.state;
  const told = `${harness.state.workspace("told")}/log`;
  Deno.writeTextFileSync(
    `${home}/config.json`,
    JSON.stringify({ on_finish: `echo "$AGENT_ASYNC_FINISHED_JOB_ID" >>${told}` }),
  );
  const before = await harness.run("say none");
  await harness.ended(before.job_id);
  await eventually(() => Deno.readTextFileSync(told) !== "", { what: "a telling" });
  // What cannot be replaced by a file stands for a disk that is full.
  const cursorFile = `${home}/on_finish.cursor`;
  Deno.removeSync(cursorFile);
  Deno.mkdirSync(`${cursorFile}/in the way`, { recursive: true });
  const ids = [before.job_id];
  for (const word of ["one", "two"]) {
    const { job_id } = await harness.run(`say ${word}`);
    ids.push(job_id);
    await eventually(() => Deno.readTextFileSync(told).includes(job_id), { what: "the next telling" });
  }
  assert.deepEqual(Deno.readTextFileSync(told).trimEnd().split("\n"), ids);
});
