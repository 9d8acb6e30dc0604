/** A removal that a crash cuts short can be found and finished. */
import assert from "node:assert/strict";
import { readFeed } from "../../src/store/feed.ts";
import { removeSome } from "../../src/store/removal.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { end, launch, reply } from "./job_steps.ts";
import { openAt, temporaryDirectory } from "./test_store.ts";

/** More than what is removed in one commit. */
const TURNS = 80;

Deno.test("a job with a long history that is half removed is still told of by its last end", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const id = jobId(1);
  {
    const { store } = await openAt(path);
    await using _closing = store;
    await store.create(newJob({ id }));
    for (let turn = 1; turn <= TURNS; turn++) {
      if (turn > 1) await store.update(id, reply);
      await store.update(id, launch);
      await store.update(id, end);
    }
  }
  using kv = await Deno.openKv(path);
  const ends = async () => (await readFeed(kv, 0, { limit: 500, finishedOnly: true })).entries;
  assert.equal((await ends()).length, TURNS);
  assert.deepEqual(await removeSome(kv, [id]), { removed: [], left: [id] });
  assert.equal((await ends()).at(-1)?.turn, TURNS);
  assert.deepEqual(await removeSome(kv, [id]), { removed: [id], left: [] });
  assert.deepEqual(await ends(), []);
});
