/** Jobs that were started together: who is in a group, and its end as a whole, by the tool and by the command line. */
import assert from "node:assert/strict";
import { MAX_LISTED } from "../../src/service/read_requests.ts";
import { commandLine } from "../cli/command_line.ts";
import { AskingService } from "../support/asking_service.ts";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { MemoryHost } from "../support/memory_host.ts";
import { jobId, newJob } from "../support/new_job.ts";

const GROUP = "gr000001";
const NOBODY = "zz999999";

/** A group of which one job has ended, one runs and one waits for it; and a job that is in none. */
async function started(harness: LocalHarness) {
  const { state } = harness;
  const start = async (prompt: string, cwd: string, group?: string) => {
    const { job_id } = await harness.run(prompt, { cwd, ...(group === undefined ? {} : { group }) });
    return job_id;
  };
  const done = await start("say done", state.workspace("done"), GROUP);
  await harness.ended(done);
  const running = await start("say on\nsleep 1000", state.cwd, GROUP);
  const waiting = await start("say next", state.cwd, GROUP);
  const other = await start("say other\nsleep 1000", state.workspace("other"));
  const statusOf = async (id: string) => (await harness.service.poll({ job_id: id })).status;
  for (const id of [running, other]) {
    await eventually(async () => await statusOf(id) === "running", { what: "a job that runs" });
  }
  const ids = [done, running, waiting];
  return { ids, statuses: async () => await Promise.all([...ids, other].map(statusOf)) };
}

const CANCELLED = ["done", "cancelled", "cancelled"];

Deno.test("group: its cancel by the tool ends all its jobs and no other", async () => {
  await using harness = await LocalHarness.start();
  const { ids, statuses } = await started(harness);
  await using host = new MemoryHost({ service: harness.service });
  await host.initialize();
  const cancel = async () => {
    const { result } = await host.call("job_cancel", { job_id: GROUP });
    return Object(result?.structuredContent);
  };
  const { message, ...rest } = await cancel();
  assert.deepEqual(rest, {
    job_id: GROUP,
    status: "cancelled",
    jobs: ids.map((job_id, index) => ({ job_id, status: CANCELLED[index] })),
  });
  for (const [index, id] of ids.entries()) {
    const became = index === 0
      ? "had already ended \\(done\\)"
      : "is cancelled; nothing of it is left running";
    assert.match(message, new RegExp(`Job ${id} ${became}`));
  }
  assert.deepEqual(await statuses(), [...CANCELLED, "running"]);
  assert.match((await cancel()).message, /^(Job \w+ had already ended \(\w+\); nothing was changed\. ?){3}$/);
});

Deno.test("group: its cancel by the command line ends all its jobs and no other, and says so of each", async () => {
  await using harness = await LocalHarness.start();
  const { ids, statuses } = await started(harness);
  const { service } = harness;
  const { code, stdout } = await commandLine(["cancel", GROUP, "--json"], { service });
  assert.equal(code, 0);
  const { jobs } = JSON.parse(stdout);
  assert.deepEqual(
    jobs.map(({ job_id, status }: { job_id: string; status: string }) => [job_id, status]),
    ids.map((id, index) => [id, CANCELLED[index]]),
  );
  assert.deepEqual(await statuses(), [...CANCELLED, "running"]);
  const again = await commandLine(["cancel", GROUP], { service });
  assert.deepEqual([again.code, again.stdout.match(/ had already ended /g)?.length], [0, 3]);
});

Deno.test("group: where one of several ids is nobody's, nothing is cancelled", async () => {
  await using harness = await LocalHarness.start();
  const { ids, statuses } = await started(harness);
  const { service } = harness;
  for (const line of [[GROUP, NOBODY], [String(ids[1]), NOBODY], [NOBODY]]) {
    const { code, stderr } = await commandLine(["cancel", ...line], { service });
    assert.equal(code, 4);
    assert.match(stderr, new RegExp(`no job ${NOBODY}`));
  }
  assert.deepEqual(await statuses(), ["done", "running", "pending", "running"]);
  assert.equal((await commandLine(["cancel", GROUP, String(ids[1])], { service })).code, 0);
  assert.deepEqual(await statuses(), [...CANCELLED, "running"]);
});

Deno.test("group: from inside a job none is cancelled unless all were started there", async () => {
  await using stage = await AskingService.open();
  const outer = await stage.running({ approval_policy: "full-auto" });
  const own = await stage.running({ parent: outer, depth: 2, group: GROUP });
  const stranger = await stage.running({ group: GROUP });
  await assert.rejects(
    stage.service.cancel({ job_id: GROUP }, stage.inside(outer)),
    new RegExp(`Cannot cancel job ${stranger} from inside job ${outer}`),
  );
  for (const id of [own, stranger]) {
    const job = await stage.store.get(id);
    assert.equal(job?.state.status === "running" && job.state.stop, null);
  }
});

Deno.test("group: its list takes the other filters, and a job that runs is in it however old it is", async () => {
  await using stage = await AskingService.open();
  const [first, second, third] = [
    await stage.running({ group: GROUP }),
    await stage.running({ group: GROUP }),
    await stage.running({ group: GROUP }),
  ];
  await stage.end(third);
  const listed = async (over: Parameters<typeof stage.service.list>[0] = {}) => {
    const { jobs, total } = await stage.service.list({ group: GROUP, ...over });
    return [jobs.map(({ job_id }) => job_id), total];
  };
  assert.deepEqual(await listed(), [[third, second, first], 3]);
  assert.deepEqual(await listed({ limit: 1 }), [[third], 3]);
  assert.deepEqual(await listed({ status: "running" }), [[second, first], 2]);
  assert.deepEqual(await listed({ agent: "gemini" }), [[], 0]);
  assert.deepEqual(await listed({ cwd: stage.state.cwd }), [[third, second, first], 3]);
  assert.deepEqual(await listed({ cwd: stage.state.workspace("empty") }), [[], 0]);
  await Promise.all(
    Array.from({ length: MAX_LISTED }, (_, nth) => stage.store.create(newJob({ id: jobId(1_000 + nth) }))),
  );
  assert.deepEqual(await listed({ status: "running" }), [[second, first], 2]);
});
