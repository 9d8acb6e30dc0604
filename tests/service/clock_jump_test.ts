/** What is told of jobs during which somebody sets the clock. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";

const DAY_MS = 86_400_000;

for (const days of [3, -3]) {
  const where = days > 0 ? "ahead" : "back";
  Deno.test(`a clock that is set ${Math.abs(days)} days ${where} takes nothing from a duration and adds nothing`, async () => {
    await using harness = await LocalHarness.start();
    const { service, state } = harness;
    const { job_id } = await harness.run("say begun\nwait go\nsay over");
    await eventually(async () => (await service.poll({ job_id })).result === "begun", { what: "its begin" });
    const begun = performance.now();
    await eventually(() => performance.now() - begun > 300, { what: "some time of work" });
    harness.clockAhead = days * DAY_MS;
    const running = await service.poll({ job_id });
    Deno.writeTextFileSync(`${state.cwd}/go`, "");
    const ended = await harness.ended(job_id);
    for (const { status, duration_seconds } of [running, ended]) {
      assert.ok(
        duration_seconds !== null && duration_seconds > 0.2 && duration_seconds < 30,
        `${status}: ${duration_seconds} s`,
      );
    }
    const told = Date.parse(String(ended.finished_at)) - (Date.now() + harness.clockAhead);
    assert.ok(Math.abs(told) < 30_000, "the end is told by the clock as it is now");
    // A further turn, in which nobody touches the clock.
    await harness.reply(job_id, "say again");
    const again = await harness.ended(job_id);
    assert.ok(Number(again.duration_seconds) < 30, `with a reply: ${again.duration_seconds} s`);
    const { rows } = await service.stats({ by: "agent", days: 7 });
    const seconds = rows.reduce((sum, row) => sum + row.total_seconds, 0);
    assert.ok(seconds < 30, `the statistics say ${seconds} s`);
  });

  Deno.test(`nor does one that is set ${Math.abs(days)} days ${where} while no daemon looks`, async () => {
    await using harness = await LocalHarness.start();
    const { service, state } = harness;
    const { job_id } = await harness.run("say begun\nwait go\nsay over");
    await eventually(async () => (await service.poll({ job_id })).result === "begun", { what: "its begin" });
    await harness.restart(() => harness.clockAhead = days * DAY_MS);
    const running = await harness.service.poll({ job_id });
    // A second daemon that has seen nothing of the jump.
    await harness.restart();
    Deno.writeTextFileSync(`${state.cwd}/go`, "");
    const ended = await harness.ended(job_id);
    for (const { status, duration_seconds } of [running, ended]) {
      assert.ok(duration_seconds !== null && duration_seconds < 30, `${status}: ${duration_seconds} s`);
      assert.ok(duration_seconds > 0, `${status}: ${duration_seconds} s`);
    }
    const { rows } = await harness.service.stats({ by: "agent", days: 7 });
    const seconds = rows.reduce((sum, row) => sum + row.total_seconds, 0);
    assert.ok(seconds > 0 && seconds < 30, `the statistics say ${seconds} s`);
  });
}

for (const days of [3, -3]) {
  const where = days > 0 ? "ahead" : "back";
  Deno.test(`nor does one that is set ${Math.abs(days)} days ${where} change what came first, an agent's last word or a cancel`, async () => {
    await using harness = await LocalHarness.start();
    const jobs: string[] = [];
    for (const name of ["a", "b"]) {
      const word = 'raw {"type":"turn.failed","error":{"message":"hopeless"}}';
      const { job_id } = await harness.run(`${word}\nwait never`, { cwd: harness.state.workspace(name) });
      await eventually(async () => (await harness.service.poll({ job_id })).output.includes("hopeless"), {
        what: "its last word",
      });
      jobs.push(job_id);
    }
    const [first = "", second = ""] = jobs;
    harness.clockAhead = days * DAY_MS;
    await harness.service.cancel({ job_id: first });
    // The other one's daemon has not heard that word itself.
    await harness.restart();
    await harness.service.cancel({ job_id: second });
    for (const job_id of jobs) {
      const { status, reason, error } = await harness.ended(job_id);
      assert.deepEqual([status, reason, error], ["error", "agent_error", "hopeless"]);
    }
  });
}
