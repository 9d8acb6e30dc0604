/**
 * Jobs inside jobs, through the real program: how deep they may go, and what becomes of them when the one around them
 * is cancelled.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { Brief, JobResult } from "../../src/domain/result.ts";
import { FeedPage } from "../../src/service/requests.ts";
import { eventually } from "../support/eventually.ts";
import { HostSession, programCommand, shutDown } from "../support/program.ts";
import { makeStateHome, type StateHome } from "../support/state_home.ts";

const Briefs = z.looseObject({ jobs: z.array(Brief) });

/** A state whose jobs can start the program themselves. */
function nestingState(): StateHome {
  const state = makeStateHome({ limits: { total: 10, depth: 3 } });
  // Deno's caches are those of this process, also inside a job.
  const env = { ...state.env, DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno` };
  return { ...state, env };
}

/** A prompt that starts a job with `prompt`, in a directory of its own, and goes on until `never`. */
function starting(state: StateHome, name: string, prompt: string): string {
  state.workspace(name);
  Deno.writeTextFileSync(`${state.cwd}/../${name}.md`, prompt);
  const command = programCommand().map((word) => `'${word}'`).join(" ");
  return `run ${command} start -a codex -C '${state.cwd}/../${name}' - <'${state.cwd}/../${name}.md'`;
}

async function briefs(host: HostSession, count: number): Promise<Brief[]> {
  const listed = await eventually(async () => {
    const { jobs } = await host.call("job_list", {}, Briefs);
    return jobs.length === count && jobs.every((job) => job.status === "running") && jobs;
  }, { what: `${count} running jobs` });
  return [...listed].reverse();
}

Deno.test("job_cancel of a parent cancels the jobs it started, the deepest first", async () => {
  await using state = nestingState();
  await using host = await HostSession.start(state);
  const grandchild = "wait never";
  const child = `${starting(state, "inner", grandchild)}\nwait never`;
  const parent = await host.start(`${starting(state, "middle", child)}\nwait never`);
  const stranger = await host.start("wait never", { cwd: state.workspace("stranger") });

  const jobs = await eventually(async () => {
    const all = await briefs(host, 4);
    return all.filter((job) => job.job_id !== stranger);
  }, { what: "three generations" });
  const [top, middle, inner] = jobs;
  assert.deepEqual([top?.job_id, middle?.parent, inner?.parent], [parent, parent, middle?.job_id]);

  await host.call("job_cancel", { job_id: parent }, z.looseObject({ status: z.literal("cancelled") }));
  await using reader = await HostSession.start(state, ["mcp", "--toolsets", "stream"]);
  const { notifications } = await reader.call("codex_async_notifications", { cursor: 0 }, FeedPage);
  assert.deepEqual(
    notifications.filter((entry) => entry.status === "cancelled").map((entry) => entry.job_id),
    [inner?.job_id, middle?.job_id, parent],
  );
  assert.equal((await host.poll(stranger)).status, "running");
  await shutDown(state);
});

Deno.test("a server inside a job knows its job: parent, report without an id, and how deep it may go", async () => {
  await using state = nestingState();
  await using outside = await HostSession.start(state);
  const around = await outside.start("wait go");
  const inside = (depth: number) =>
    HostSession.start({
      ...state,
      env: { ...state.env, AGENT_ASYNC_JOB_ID: around, AGENT_ASYNC_DEPTH: String(depth) },
    });
  await using first = await inside(1);
  assert.ok((await first.mcp.client.listTools()).tools.some((tool) => tool.name === "agent_notify_done"));
  const child = await first.start("say child", { cwd: state.workspace("child") });
  assert.equal((await first.ended(child)).parent, around);

  await using deepest = await inside(3);
  const refused = await deepest.refused("codex_start", { prompt: "say x", cwd: state.cwd });
  assert.match(
    refused,
    /^depth_exceeded: Cannot start a job here: it would be 4 jobs deep, and the limit is 3\n/,
  );
  assert.match(refused, /Do this work yourself/);
  const { jobs } = await outside.call("job_list", {}, Briefs);
  assert.deepEqual(jobs.map((job) => job.job_id), [child, around]);

  const waiting = outside.call(
    "job_wait",
    { job_ids: [around] },
    z.looseObject({ jobs: z.array(JobResult) }),
  );
  await first.call(
    "agent_notify_done",
    { summary: "The inside is done." },
    z.looseObject({ job_id: z.literal(around) }),
  );
  const [woken] = (await waiting).jobs;
  assert.deepEqual([woken?.status, woken?.summary], ["running", "The inside is done."]);
  await shutDown(state);
});
