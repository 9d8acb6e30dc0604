/**
 * A database of every released version opens, with every record and feed entry as it was.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { FeedEntry } from "../../src/domain/feed.ts";
import { Job } from "../../src/domain/job/job.ts";
import { isFinished, JobStatus } from "../../src/domain/job/reason.ts";
import { SCHEMA_VERSION } from "../../src/store/database/migrations.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { launch } from "./job_steps.ts";
import { countsOf, gathered, openAt, temporaryDirectory } from "./test_store.ts";

const Contents = z.object({ jobs: z.array(Job), feed: z.array(FeedEntry) });

for (let version = 1; version <= SCHEMA_VERSION; version += 1) {
  Deno.test(`a store of version ${version} opens with all that is in it`, async () => {
    const fixture = new URL(`../fixtures/store/v${version}/`, import.meta.url);
    const { jobs, feed } = Contents.parse(
      JSON.parse(Deno.readTextFileSync(new URL("contents.json", fixture))),
    );
    using directory = temporaryDirectory();
    const path = `${directory.path}/queue.db`;
    Deno.copyFileSync(new URL("queue.db", fixture), path);
    const opened = await openAt(path);
    await using store = opened.store;
    assert.equal(opened.recovered, null);

    assert.deepEqual(await store.list({ limit: 100 }), { jobs, total: jobs.length });
    for (const status of JobStatus.options) {
      const expected = jobs.filter((job) => job.state.status === status);
      assert.ok(expected.length > 0, `the fixture has a job that is ${status}`);
      assert.deepEqual(await store.list({ limit: 100, status }), { jobs: expected, total: expected.length });
      assert.deepEqual(await gathered(store.inStatus(status)), expected.toReversed());
    }
    for (const { agent, cwd } of jobs) {
      const expected = jobs.filter((job) => job.agent === agent && job.cwd === cwd);
      assert.deepEqual(await store.list({ limit: 100, agent, cwd }), {
        jobs: expected,
        total: expected.length,
      });
    }
    assert.deepEqual(await store.childrenOf(jobId(3)), jobs.filter((job) => job.parent === jobId(3)));
    const head = await store.feedHead();
    assert.deepEqual(await store.feed(0, { limit: 1_000 }), { entries: feed, cursor: head });
    const ended = await store.feed(0, { limit: 1_000, finishedOnly: true });
    assert.ok(ended.entries.every((entry) => isFinished(entry.status)));
    // Version 1 also counted the end of a turn that another one followed in the same commit.
    const expected = version === 1 ? [2, 4, 5, 6] : [4, 5, 6];
    assert.deepEqual(new Set(ended.entries.map((entry) => entry.job_id)), new Set(expected.map(jobId)));
    assert.deepEqual(await store.keyed("start 5"), { jobId: jobId(5), turn: 1 });
    assert.deepEqual(await store.keyed("reply 3"), { jobId: jobId(3), turn: 2 });

    const created = await store.create(newJob({ id: jobId(100) }));
    assert.equal(created.job.number, 8, "numbers go on, past the removed one");
    await store.update(jobId(1), launch);
    assert.equal((await countsOf(store)).running, 2);
    assert.equal(await store.feedHead(), head + 2);
  });
}
