/**
 * Jobs inside jobs, through the real program: how deep they may go, and what becomes of them when the one around them
 * is cancelled.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { Brief } from "../../src/domain/job/result.ts";
import { FeedPage } from "../../src/service/read_requests.ts";
import { eventually } from "../support/eventually.ts";
import { HostSession, programCommand, runProgram, shutDown } from "../support/program.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";
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
    z.looseObject({ jobs: z.array(z.looseObject({ status: z.string(), summary: z.string() })) }),
  );
  await first.call(
    "agent_notify_done",
    { summary: "The inside is done." },
    z.looseObject({ job_id: z.literal(around) }),
  );
  const [woken] = (await waiting).jobs;
  assert.deepEqual([woken?.status, woken?.summary], ["done", "The inside is done."]);
  await shutDown(state);
});

/** A prompt that runs the program once, without any mark of the job around it, and keeps what it says. */
function unmarked(state: StateHome, name: string, args: string): string {
  const command = programCommand().map((word) => `'${word}'`).join(" ");
  return `run env -u AGENT_ASYNC_JOB_ID -u AGENT_ASYNC_DEPTH ${command} ${args} ` +
    `>'${state.cwd}/../${name}.out' 2>&1; echo $? >>'${state.cwd}/../${name}.out'`;
}

function outputOf(state: StateHome, name: string): Promise<string> {
  return eventually(() => {
    const text = Deno.readTextFileSync(`${state.cwd}/../${name}.out`);
    return /^\d+\n$/m.test(text.slice(text.lastIndexOf("\n", text.length - 2) + 1)) && text;
  }, { what: `the end of ${name}`, timeoutMs: 60_000 });
}

testUnless(
  NOT_LINUX,
  "a job inside a job is told by its ancestors: it has a parent, a depth, and does not wait for its parent's tree",
  async () => {
    await using state = nestingState();
    await using host = await HostSession.start(state);
    const start = unmarked(state, "started", `start -a codex -C '${state.cwd}' --json 'say child'`);
    const parent = await host.start(`${start}\nwait never`);
    const { job_id } = z.looseObject({ job_id: z.string() }).parse(
      JSON.parse((await outputOf(state, "started")).replace(/\n0\n$/, "")),
    );
    const child = await host.ended(job_id);
    assert.deepEqual([child.status, child.parent, child.cwd], ["done", parent, state.cwd]);
    await shutDown(state);
  },
);

testUnless(
  NOT_LINUX,
  "from inside a job, without its mark: only its own jobs can be changed, and none gets more than it has",
  async () => {
    await using state = nestingState();
    await using host = await HostSession.start(state);
    const stranger = await host.start("wait never", { cwd: state.workspace("stranger") });
    const ended = await host.start("say done", { cwd: state.workspace("ended") });
    await host.ended(ended);
    const work = state.workspace("inner");
    const attempts: [string, string][] = [
      ["cancel stranger", `cancel ${stranger}`],
      ["reply to stranger", `reply ${ended} more`],
      ["prune", "prune --older-than 0d"],
      ["raise", `start -a codex -C '${work}' --policy auto-edit 'say x'`],
      ["own", `start -a codex -C '${work}' --json 'say own'`],
    ];
    const prompt = attempts.map(([name, args]) => unmarked(state, name, args)).join("\n");
    const around = await host.start(`${prompt}\nwait never`, { approval_policy: "suggest" });
    const said = async (name: string) => (await outputOf(state, name)).replaceAll(/\s+/g, " ");
    assert.match(
      await said("cancel stranger"),
      new RegExp(`Cannot cancel job ${stranger} from inside job ${around}: it did not start it.* 1 $`),
    );
    assert.match(await said("reply to stranger"), new RegExp(`Cannot reply to job ${ended} from inside`));
    assert.match(await said("prune"), new RegExp(`Cannot remove jobs from inside job ${around}`));
    assert.match(await said("raise"), new RegExp(`auto-edit is more than job ${around} has itself`));
    const own = z.looseObject({ job_id: z.string() }).parse(
      JSON.parse((await outputOf(state, "own")).replace(/\n0\n$/, "")),
    );
    assert.equal((await host.ended(own.job_id)).approval_policy, "suggest");
    assert.equal((await host.poll(stranger)).status, "running");
    assert.equal((await host.poll(ended)).status, "done");
    await shutDown(state);
  },
);

testUnless(
  NOT_LINUX,
  "from inside a job, without its mark: the configuration, the daemon and the program stay as they are",
  async () => {
    await using state = nestingState();
    await using host = await HostSession.start(state);
    const configFile = `${state.home}/config.json`;
    const before = Deno.readTextFileSync(configFile);
    const attempts: [string, string, RegExp][] = [
      ["set", "config set max_approval_policy full-auto", /Cannot change the configuration from inside job/],
      ["unset", "config unset max_approval_policy", /Cannot change the configuration from inside job/],
      ["stop", "daemon stop", /Cannot stop the daemon from inside job/],
      ["uninstall", "uninstall --yes --force", /Cannot uninstall agent-async from inside job/],
    ];
    const prompt = [...attempts, ["get", "config get max_approval_policy"] as const]
      .map(([name, args]) => unmarked(state, name, args)).join("\n");
    const around = await host.start(`${prompt}\nwait never`, { approval_policy: "auto-edit" });
    for (const [name, , refused] of attempts) {
      const said = (await outputOf(state, name)).replaceAll(/\s+/g, " ");
      assert.match(said, new RegExp(`${refused.source} ${around}.* 1 $`), name);
    }
    assert.match(await outputOf(state, "get"), /\n0\n$/, "reading is open");
    assert.equal(Deno.readTextFileSync(configFile), before);
    assert.equal((await host.poll(around)).status, "running");
    const outside = await runProgram(state, ["config", "set", "limits.total", "3"]);
    assert.deepEqual([outside.code, outside.stderr], [0, `Set limits.total to 3 in ${configFile}.\n`]);
    await shutDown(state);
  },
);

Deno.test("a job can report itself as done, and neither the job around it nor a stranger", async () => {
  await using state = nestingState();
  await using outside = await HostSession.start(state);
  const around = await outside.start("wait go");
  const stranger = await outside.start("wait go", { cwd: state.workspace("stranger") });
  await using inside = await HostSession.start({
    ...state,
    env: { ...state.env, AGENT_ASYNC_JOB_ID: around, AGENT_ASYNC_DEPTH: "1" },
  });
  const refused = await inside.refused("agent_notify_done", { job_id: stranger, summary: "No." });
  assert.match(refused, new RegExp(`Cannot report as done job ${stranger} from inside job ${around}`));
  assert.match(await inside.refused("job_cancel", { job_id: around }), /Cannot cancel job .* from inside/);
  await inside.call("agent_notify_done", { summary: "Yes." }, z.looseObject({ job_id: z.literal(around) }));
  await shutDown(state);
});
