/**
 * What a caller or an agent has chosen never stands in a command line as an option.
 *
 * @module
 */
import assert from "node:assert/strict";
import { LocalHarness } from "../support/local_harness.ts";

Deno.test("a model that begins with a dash or holds control characters is refused by start and reply", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("say hello");
  await harness.ended(job_id);
  for (const model of ["--dangerously-bypass-approvals-and-sandbox", "-c", "a\nb", "a\x1b[2J", "x\u202ey"]) {
    const refused = { code: "invalid_argument", message: /^model: must not begin with a dash/ };
    await assert.rejects(harness.run("say x", { model }), refused);
    await assert.rejects(
      harness.service.reply({ job_id, prompt: "say x", model, origin: harness.origin }),
      refused,
    );
  }
});

Deno.test("a session's id that an agent makes up as an option never reaches its command line", async () => {
  await using harness = await LocalHarness.start();
  const { env, cwd } = harness.state;
  const args = `${cwd}/../args`;
  const origin = { env: { ...env, SCRIPTED_CODEX_ARGS: args }, session: "test" };
  const evil = "--config=sandbox_mode=danger-full-access";
  const { job_id } = await harness.run(
    `raw ${JSON.stringify({ type: "thread.started", thread_id: evil })}\nsay one`,
    { origin },
  );
  const job = await harness.ended(job_id);
  assert.equal(job.status, "done");
  assert.match(job.session_id ?? "", /^01a1f8b8-/);
  await harness.service.reply({ job_id, prompt: "say two", origin });
  await harness.ended(job_id);
  const passed = Deno.readTextFileSync(args).split("\n");
  assert.ok(passed.includes("resume"));
  assert.ok(!passed.includes(evil));
});

Deno.test("a prompt that begins with a dash is text for an agent that takes it as an argument", async () => {
  const shown = {
    command: "/bin/sh",
    args: ["-c", 'printf "<%s>" "$1"', "sh", "{prompt}"],
    policy_args: { suggest: [], "auto-edit": [], "full-auto": [] },
  };
  await using harness = await LocalHarness.start({ agents: { shown } });
  const { job_id } = await harness.run("--version", { agent: "shown" });
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.result], ["done", "<\n--version>"]);
});
