/** Commits that fail: what was kept is told as kept, what was not as refused, and what nobody can tell as that. */
import assert from "node:assert/strict";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";

const EIO = () => new TypeError("disk I/O error");

/**
 * Until it is disposed of, commits of the store fail as if the disk did, after the first `good` ones: `kept` says whether
 * they are there afterwards.
 */
function failing(
  { kept, commits, settles, good = 0 }: { kept: boolean; commits: number; settles: number; good?: number },
): Disposable {
  const { commit } = Deno.AtomicOperation.prototype;
  const { set } = Deno.Kv.prototype;
  const left = { good, commits, settles };
  Deno.AtomicOperation.prototype.commit = async function () {
    if (left.good-- > 0 || left.commits-- <= 0) return await commit.call(this);
    if (kept) await commit.call(this);
    throw EIO();
  };
  Deno.Kv.prototype.set = function (key, value) {
    return left.settles-- > 0 ? Promise.reject(EIO()) : set.call(this, key, value);
  };
  return {
    [Symbol.dispose]() {
      Deno.AtomicOperation.prototype.commit = commit;
      Deno.Kv.prototype.set = set;
    },
  };
}

function names(harness: LocalHarness): string[] {
  return ["jobs", "environments"].flatMap((directory) =>
    [...Deno.readDirSync(`${harness.state.home}/${directory}`)].map(({ name }) => `${directory}/${name}`)
  );
}

Deno.test("a start whose commit failed and is there all the same is accepted, once", async () => {
  await using harness = await LocalHarness.start();
  using _disk = failing({ kept: true, commits: 1, settles: 2 });
  const { job_id } = await harness.run("say x", { request_key: "one" });
  assert.equal((await harness.ended(job_id)).result, "x");
  assert.equal((await harness.run("say x", { request_key: "one" })).job_id, job_id);
});

Deno.test("a start whose commit failed and is not there is refused as a fault of the disk, and leaves nothing", async () => {
  await using harness = await LocalHarness.start();
  using _disk = failing({ kept: false, commits: 1, settles: 2 });
  await assert.rejects(harness.run("say x"), {
    code: "disk_fault",
    message: /^Cannot create the job: .* \(EIO\)/,
  });
  assert.deepEqual(names(harness), []);
  assert.equal((await harness.service.list({})).total, 0);
});

for (const kept of [true, false]) {
  const then = kept ? "runs when it turns out to be there" : "leaves nothing when it turns out not to be";
  Deno.test(`a start of which nobody can tell whether it was kept says so, and ${then}`, async () => {
    await using harness = await LocalHarness.start();
    using _disk = failing({ kept, commits: 1, settles: 4 });
    const told = await harness.run("say x", { request_key: "one" }).catch((error) => error);
    assert.ok(isAgentAsyncError(told, "disk_fault"), String(told));
    const id = /it is job (\w{8})/.exec(told.message)?.[1] ?? "";
    assert.match(told.message, /^Nobody can tell whether this was kept: .*\(EIO\)/);
    if (kept) {
      assert.equal((await harness.ended(id)).result, "x");
      assert.equal((await harness.run("say x", { request_key: "one" })).job_id, id);
      return;
    }
    assert.notDeepEqual(names(harness), []);
    await eventually(() => names(harness).length === 0, { what: "the files to be taken back" });
    assert.equal((await harness.service.list({})).total, 0);
  });
}

for (const kept of [true, false]) {
  Deno.test(`a reply of which nobody can tell is ${kept ? "run when it is there" : "taken back when it is not"}`, async () => {
    await using harness = await LocalHarness.start();
    const { job_id } = await harness.run("say x");
    await harness.ended(job_id);
    await eventually(() => !names(harness).includes(`environments/${job_id}.1`), {
      what: "the end of turn 1",
    });
    using _disk = failing({ kept, commits: 1, settles: 4 });
    await assert.rejects(harness.reply(job_id, "say y"), {
      code: "disk_fault",
      message: /it is turn 2 of job/,
    });
    if (kept) {
      await eventually(async () => (await harness.service.poll({ job_id })).result === "y", {
        what: "the reply",
      });
      return;
    }
    const turn = `${harness.state.home}/jobs/${job_id}/turns/2`;
    const isGone = () => !names(harness).includes(`environments/${job_id}.2`) && !exists(turn);
    await eventually(isGone, { what: "the reply to be taken back" });
    assert.equal((await harness.service.poll({ job_id })).turn, 1);
  });
}

Deno.test("a refused start whose files cannot be taken back at once leaves nothing behind a moment later", async () => {
  await using harness = await LocalHarness.start();
  const { removeSync } = Deno;
  let refusals = 3;
  const refusing = <Args extends unknown[]>(act: (...args: Args) => void) => (...args: Args) => {
    if (String(args[0]).includes(harness.state.home) && refusals > 0 && names(harness).length > 1) {
      refusals -= 1;
      throw new Error("Input/output error (os error 5)");
    }
    return act(...args);
  };
  using _disk = failing({ kept: false, commits: 1, settles: 0 });
  Deno.removeSync = refusing(removeSync);
  try {
    await assert.rejects(harness.run("say x"), { code: "disk_fault" });
    await eventually(() => names(harness).length === 0, { what: "the files to be taken back" });
  } finally {
    Deno.removeSync = removeSync;
  }
  assert.ok(refusals < 3, "nothing was refused");
});

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

for (const kept of [true, false]) {
  const then = kept ? "was kept all the same" : "was not kept";
  Deno.test(`a launch of which nobody can tell and that ${then} is made up for, without a new daemon`, async () => {
    await using harness = await LocalHarness.start();
    using _disk = failing({ kept, good: 1, commits: 1, settles: 3 });
    const { job_id } = await harness.run("say x");
    assert.equal((await harness.ended(job_id)).result, "x");
  });
}
