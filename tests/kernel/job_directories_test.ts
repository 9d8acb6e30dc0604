import assert from "node:assert/strict";
import { JobDirectories } from "../../src/kernel/job_directories.ts";
import { readTextIfExists } from "../../src/system/files/files.ts";
import { KernelHome } from "../support/kernel_home.ts";

Deno.test("JobDirectories: refuses every id that could lead elsewhere", async () => {
  await using home = new KernelHome();
  for (
    const id of [
      "",
      ".",
      "..",
      "../../etc",
      "abc/defg",
      "abcd123",
      "abcd12345",
      "ABCD1234",
      "abcd123\0",
      "abcdilou",
    ]
  ) {
    assert.throws(() => home.directories.job(id), TypeError, id);
  }
  for (const turn of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => home.directories.job("abcd1234").turn(turn), RangeError);
  }
});

Deno.test("JobDirectories: private directories, ids of real jobs only, turns in order", async () => {
  await using home = new KernelHome();
  const { directories } = home;
  const job = directories.job("abcd1234");
  assert.deepEqual([directories.ids(), job.turns(), await job.sizeBytes()], [[], [], 0]);
  job.create();
  for (const turn of [10, 2, 1]) job.turn(turn).create();
  Deno.mkdirSync(`${directories.home}/jobs/not-a-job`);
  Deno.writeTextFileSync(`${directories.home}/jobs/zzzzzzzz`, "a file");
  assert.deepEqual([directories.ids(), job.turns()], [["abcd1234"], [1, 2, 10]]);
  assert.throws(() => job.create(), Deno.errors.AlreadyExists);
  assert.throws(() => job.turn(1).create(), Deno.errors.AlreadyExists);
  for (
    const path of [
      directories.home,
      directories.exitsPath,
      job.path,
      job.turn(1).path,
    ]
  ) {
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o700, path);
  }
});

Deno.test("JobDirectory: remove takes everything, exit records too, and can be repeated", async () => {
  await using home = new KernelHome();
  const { directories } = home;
  const turn = home.newTurn();
  const other = home.newTurn();
  for (const path of [turn.exitFile, other.exitFile]) Deno.writeTextFileSync(path, "0   \n");
  Deno.writeTextFileSync(turn.rawFile, "12345");
  const job = directories.job(turn.jobId);
  assert.equal(await job.sizeBytes(), 5 + "a prompt\n".length);
  await job.remove();
  await job.remove();
  assert.deepEqual(directories.ids(), [other.jobId]);
  assert.deepEqual([...Deno.readDirSync(directories.exitsPath)].map(({ name }) => name), [
    `${other.jobId}.1`,
  ]);
  assert.deepEqual([...Deno.readDirSync(`${directories.home}/jobs`)].map(({ name }) => name), [other.jobId]);
});

Deno.test("JobDirectories: a removal that a crash interrupted is finished, and nothing else is changed", async () => {
  await using home = new KernelHome();
  const turn = home.newTurn();
  Deno.mkdirSync(`${home.directories.home}/jobs/.removed-abcd1234/turns`, { recursive: true });
  const again = new JobDirectories(home.directories.home);
  const { signal } = new AbortController();
  const discarded: string[] = [];
  await again.finishRemovals(signal, {
    onFailure: (_path, error) => assert.fail(String(error)),
    discard: (id) => discarded.push(id),
  });
  assert.deepEqual(discarded, ["abcd1234"]);
  assert.deepEqual([...Deno.readDirSync(`${again.home}/jobs`)].map(({ name }) => name), [turn.jobId]);
});

Deno.test("JobDirectories: exit records of jobs that are gone can be cleared away", async () => {
  await using home = new KernelHome();
  const turn = home.newTurn();
  Deno.writeTextFileSync(turn.exitFile, "0");
  Deno.writeTextFileSync(`${home.directories.exitsPath}/abcd1234.1`, "0");
  Deno.writeTextFileSync(`${home.directories.exitsPath}/abcd1234.2`, "");
  home.directories.removeStrayExits();
  assert.deepEqual([...Deno.readDirSync(home.directories.exitsPath)].map(({ name }) => name), [
    `${turn.jobId}.1`,
  ]);
});

Deno.test("TurnDirectory: an archived exit leaves nothing in the watched directory, of a killed wrapper either", async () => {
  await using home = new KernelHome();
  const turn = home.newTurn();
  for (const [left, archived] of [["     ", null], ["137 \n", "137 \n"]] as const) {
    Deno.writeTextFileSync(turn.exitFile, left);
    turn.archiveExit();
    assert.deepEqual([...Deno.readDirSync(home.directories.exitsPath)], []);
    assert.equal(readTextIfExists(turn.archivedExitFile), archived);
  }
});

Deno.test("JobDirectory: a removal that is cut short has not lost what leads to the rest", async () => {
  await using home = new KernelHome();
  const { directories } = home;
  const turn = home.newTurn();
  Deno.writeTextFileSync(turn.envFile, "{}");
  // Something in the way stands for a daemon that dies before the rename.
  const obstacle = `${directories.home}/jobs/.removed-${turn.jobId}`;
  Deno.mkdirSync(`${obstacle}/full`, { recursive: true });
  await assert.rejects(directories.job(turn.jobId).remove());
  assert.ok(directories.job(turn.jobId).exists());
  assert.equal(readTextIfExists(turn.envFile), "{}");
});
