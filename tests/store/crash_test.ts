/**
 * kill -9 at any moment: what was acknowledged is there, what is there is consistent.
 *
 * @module
 */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { assertConsistent } from "./assert_consistent.ts";
import { openAt, temporaryDirectory } from "./test_store.ts";

function start(program: string, args: string[]): Deno.ChildProcess {
  const url = new URL(`../fixtures/store/${program}.ts`, import.meta.url);
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", fromFileUrl(url), ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** The last number that `child` says, once it has said `atLeast` and was killed. */
async function killAfter(child: Deno.ChildProcess, atLeast: number): Promise<number> {
  let text = "";
  let killed = false;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (killed || lastLine(text) < atLeast) continue;
    killed = true;
    child.kill("SIGKILL");
  }
  await child.status;
  assert.ok(killed, "the child ended by itself");
  return lastLine(text);
}

/** The last whole line as a number. */
function lastLine(text: string): number {
  return Number(text.split("\n").at(-2) ?? 0);
}

Deno.test("kill -9 in the middle of commits loses nothing that was acknowledged", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  let present = 0;
  const told = new Set<number>();
  for (const round of [1, 2, 3]) {
    const acknowledged = await killAfter(start("committer", [path, `${present + 1}`]), present + 170 * round);
    const { store, recovered } = await openAt(path);
    await using closing = store;
    assert.equal(recovered, null);
    const jobs = await assertConsistent(closing);
    for (let n = present + 1; n <= acknowledged; n += 1) told.add(n);
    // One more may be there, created and perhaps launched, that nobody was told of.
    assert.ok(jobs.length === acknowledged || jobs.length === acknowledged + 1, `${jobs.length}`);
    assert.deepEqual(jobs.map((job) => job.number), jobs.map((_, index) => index + 1));
    assert.ok(jobs.every((job) => !told.has(job.number) || job.state.status === "running"));
    const again = await closing.create(newJob({ id: jobId(9_999), request_key: `key ${acknowledged}` }));
    assert.deepEqual(again, { job: jobs[acknowledged - 1], created: false });
    present = jobs.length;
  }
});

Deno.test("kill -9 in the middle of a rebuild leaves no half store: the next open rebuilds all", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  Deno.writeTextFileSync(path, "garbage");
  const child = start("rebuilder", [path, "30000"]);
  await eventually(() => sizeOf(`${path}.building-wal`) + sizeOf(`${path}.building`) > 2_000_000, {
    what: "some of the store to be built",
  });
  child.kill("SIGKILL");
  await child.stdout.cancel();
  await child.status;
  assert.equal(sizeOf(path), 0, "it was killed too late");
  const records = [1, 2, 3].map((n) => ({ ...newJob({ id: jobId(n) }), number: n }));
  const { store, recovered } = await openAt(path, records);
  await using closing = store;
  assert.deepEqual(recovered, { movedTo: null, jobs: 3 });
  assert.deepEqual(await closing.list({ limit: 10 }), { jobs: records.toReversed(), total: 3 });
  assert.equal(sizeOf(`${path}.building`), 0);
});

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
