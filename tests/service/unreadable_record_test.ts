/**
 * Record files that cannot be read even openly, found when the store is rebuilt: their jobs are listed as what they
 * are, nothing in their directories changes, and one that can be read again is whole again.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { killDaemon, runProgram, shutDown } from "../support/program.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { makeStateHome } from "../support/state_home.ts";

const Listed = z.object({ jobs: z.array(z.object({ job_id: z.string(), status: z.string() })) });

const Found = z.object({
  checks: z.array(z.looseObject({ name: z.string(), status: z.string(), message: z.string() })),
});

/** Each fault, as a change of the record's text, and what must be said of it. */
const FAULTS: Record<string, [(text: string) => string, RegExp]> = {
  "with a state that is a number": [(text) => json(text, { state: 5 }), /state: /],
  "with a tree without its root": [(text) => json(text, { tree: { kind: "git" } }), /tree/],
  "cut in half": [(text) => text.slice(0, text.length / 2), /not whole JSON/],
  "that is empty": [() => "", /not whole JSON/],
  "that is no object": [() => "[7]", /record cannot be read/],
  "of another job": [(text) => json(text, { id: "zzzzzzzz" }), /that of another job/],
  "that is too long": [(text) => json(text, { prompt: "x".repeat(100_000) }), /too long/],
  "with a long member": [(text) => json(text, { state: 5, title: "x".repeat(2_000_000) }), /state: /],
};

function json(text: string, over: Record<string, unknown>): string {
  return JSON.stringify({ ...JSON.parse(text), ...over });
}

Deno.test("jobs with unreadable records are listed after a rebuild, kept, and whole once they are mended", async () => {
  await using harness = await LocalHarness.start();
  const { home } = harness.state;
  const ids: string[] = [];
  for (const what of [...Object.keys(FAULTS), "as it should be"]) {
    const { job_id } = await harness.run(`say ${what}`);
    await harness.ended(job_id);
    ids.push(job_id);
  }
  const before = await harness.service.list({ limit: 100 });
  const whole = new Map<string, string>();
  const recordFile = (id: string) => `${home}/jobs/${id}/job.json`;
  await harness.restart(() => {
    for (const [index, [damage]] of Object.values(FAULTS).entries()) {
      const id = ids[index] ?? "";
      const text = Deno.readTextFileSync(recordFile(id));
      whole.set(id, text);
      Deno.writeTextFileSync(recordFile(id), damage(text));
    }
    for (const name of ["queue.db", "queue.db-wal", "queue.db-shm", "queue.ledger"]) {
      Deno.writeTextFileSync(`${home}/${name}`, "");
      Deno.removeSync(`${home}/${name}`);
    }
  });
  const damaged = new Map([...whole.keys()].map((id) => [id, Deno.readTextFileSync(recordFile(id))]));

  const listed = await harness.service.list({ limit: 100 });
  assert.equal(listed.total, ids.length);
  assert.deepEqual(new Set(listed.jobs.map((job) => job.job_id)), new Set(ids));
  for (const [index, [what, [, said]]] of Object.entries(FAULTS).entries()) {
    const id = ids[index] ?? "";
    const brief = listed.jobs.find((job) => job.job_id === id);
    assert.equal(brief?.status, "unreadable", what);
    const shown = await harness.service.poll({ job_id: id });
    assert.match(shown.error ?? "", said, what);
    assert.match(shown.hint ?? "", /directory is kept/);
    await assert.rejects(harness.reply(id, "say more"), /Cannot reply to .*cannot be read/);
    const again = { job_id: id, origin: harness.origin };
    await assert.rejects(harness.service.retry(again), /Cannot retry .*cannot be read/);
    await assert.rejects(harness.service.cancel({ job_id: id }), /Cannot cancel .*cannot be read/);
  }
  assert.equal((await harness.service.poll({ job_id: ids.at(-1) ?? "" })).status, "done");
  const { jobs } = await harness.service.prune({ older_than_days: 0, dry_run: false });
  assert.deepEqual(jobs, [ids.at(-1)], "what cannot be read is not pruned");

  await harness.restart();
  for (const [id, text] of damaged) assert.equal(Deno.readTextFileSync(recordFile(id)), text, "kept");
  assert.equal((await harness.service.list({ limit: 100 })).total, whole.size);

  await harness.restart(() => {
    for (const [id, text] of whole) Deno.writeTextFileSync(recordFile(id), text);
  });
  const mended = await harness.service.list({ limit: 100, status: "done" });
  assert.equal(mended.total, whole.size);
  const same = (all: typeof mended.jobs) =>
    all.filter((job) => whole.has(job.job_id)).map((job) => job.job_id);
  assert.deepEqual(same(mended.jobs).sort(), same(before.jobs).sort());
  assert.equal((await harness.service.list({ limit: 100, cwd: harness.state.cwd })).total, whole.size);
});

Deno.test("the log and doctor tell of a job whose record cannot be read", async () => {
  await using state = makeStateHome();
  const started = await runProgram(state, ["start", "-C", state.cwd, "say hello", "--json"]);
  const { job_id } = z.object({ job_id: z.string() }).parse(JSON.parse(started.stdout));
  await runProgram(state, ["wait", job_id]);
  await killDaemon(state);
  Deno.writeTextFileSync(`${state.home}/jobs/${job_id}/job.json`, '{"id":');
  for (const name of ["queue.db", "queue.db-wal", "queue.db-shm", "queue.ledger"]) {
    Deno.writeTextFileSync(`${state.home}/${name}`, "");
    Deno.removeSync(`${state.home}/${name}`);
  }
  const { jobs } = Listed.parse(JSON.parse((await runProgram(state, ["list", "--json"])).stdout));
  assert.deepEqual(jobs, [{ job_id, status: "unreadable" }]);
  assert.match((await runProgram(state, ["list"])).stdout, new RegExp(`${job_id}.*unreadable`));
  const shown = await runProgram(state, ["show", job_id]);
  assert.match(shown.stdout, /its record is not whole JSON/);
  const log = Deno.readTextFileSync(`${state.home}/daemon.log`);
  assert.match(log, new RegExp(`the record of a job cannot be read.*${job_id}`));
  const found = Found.parse(JSON.parse((await runProgram(state, ["doctor", "--json"])).stdout));
  const check = found.checks.find(({ name }) => name === "jobs");
  assert.deepEqual([check?.status, check?.message], [
    "warn",
    `the record of 1 job cannot be read: ${job_id}`,
  ]);
  await shutDown(state);
});
