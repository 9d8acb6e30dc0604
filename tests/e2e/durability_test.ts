/** Jobs outlive whatever happens to front-ends and daemons, seen through the real program over MCP. */
import assert from "node:assert/strict";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";
import { daemonPid, HostSession, isAlive, killDaemon, runProgram, shutDown } from "../support/program.ts";
import { makeStateHome } from "../support/state_home.ts";

const Events = z.object({
  events: z.array(z.looseObject({ seq: z.number(), type: z.string(), text: z.string().optional() })),
});

Deno.test("kill -9 of the daemon while a job runs: the job goes on, the next call adopts it, nothing twice", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  const id = await host.start(
    "say before\nrun echo in; while [ ! -e go ]; do sleep 0.02; done\nchange made\nsay after",
  );
  await eventually(async () => (await host.poll(id)).output.includes("$ echo in"), { what: "the command" });
  const first = await killDaemon(state);
  Deno.writeTextFileSync(`${state.cwd}/go`, "");
  const job = await host.ended(id);
  assert.deepEqual(
    { status: job.status, exit: job.exit_code, result: job.result, commands: job.commands_run },
    { status: "done", exit: 0, result: "after", commands: 1 },
  );
  assert.notEqual(daemonPid(state), first);
  const { events } = await host.call("job_events", { job_id: id, limit: 500 }, Events);
  assert.deepEqual(events.map((event) => event.seq), events.map((_, n) => n + 1));
  const said = events.filter((event) => event.type === "message").map((event) => event.text);
  assert.deepEqual(said, ["before", "after"]);
  assert.equal(Deno.readTextFileSync(`${state.cwd}/made`), "2\n");
  await shutDown(state);
});

Deno.test("a wait goes on over kill -9 of the daemon", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  const id = await host.start("wait go\nsay there");
  const ended = host.ended(id);
  await eventually(
    async () => (await runProgram(state, ["show", id, "--json"])).stdout.includes('"running"'),
    {
      what: "the job to run",
    },
  );
  await killDaemon(state);
  Deno.writeTextFileSync(`${state.cwd}/go`, "");
  assert.equal((await ended).result, "there");
  await shutDown(state);
});

for (const how of ["kill -9 of the front-end", "its host closing stdin"] as const) {
  Deno.test(`${how}: jobs go on, and a new front-end finds them`, async () => {
    await using state = makeStateHome();
    await using first = await HostSession.start(state);
    const id = await first.start("wait go\nsay still here");
    if (how === "kill -9 of the front-end") first.mcp.kill("SIGKILL");
    else assert.equal((await first.mcp.close()).code, 0);
    await first.mcp.status;
    await using second = await HostSession.start(state);
    assert.equal((await second.poll(id)).status, "running");
    Deno.writeTextFileSync(`${state.cwd}/go`, "");
    assert.equal((await second.ended(id)).result, "still here");
    await shutDown(state);
  });
}

Deno.test("20 front-ends started at once in an empty state directory start one daemon", async () => {
  await using state = makeStateHome({ limits: { total: 30 } });
  const hosts = await Promise.all(Array.from({ length: 20 }, () => HostSession.start(state)));
  const ids = await Promise.all(
    hosts.map((host, n) => host.start(`say ${n}`, { approval_policy: "suggest" })),
  );
  assert.equal(new Set(ids).size, 20);
  const results = await Promise.all(ids.map((id, n) => hosts[n]?.ended(id)));
  assert.deepEqual(results.map((job) => job?.result), ids.map((_, n) => String(n)));
  const started = Deno.readTextFileSync(`${state.home}/daemon.log`).match(/"message":"daemon started"/g);
  assert.equal(started?.length, 1);
  await Promise.all(hosts.map((host) => host.mcp.close()));
  await shutDown(state);
});

Deno.test("a host that never reads hurts nobody else", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  const id = await host.start("say x\nwait go");
  host.mcp.kill("SIGSTOP");
  await using other = await HostSession.start(state);
  Deno.writeTextFileSync(`${state.cwd}/go`, "");
  assert.equal((await other.ended(id)).status, "done");
  host.mcp.kill("SIGCONT");
  await shutDown(state);
});

Deno.test("a cancelled job leaves no process, and its files stay", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  const id = await host.start(
    "change kept\nignore TERM\nignore INT\nescape 600\nescape 600\ndaemonize 600\nwait never",
  );
  const pids = await eventually(() => {
    const found = Deno.readTextFileSync(`${state.cwd}/escaped`).trim().split("\n").map(Number);
    return found.length === 3 && found;
  }, { what: "the grandchildren" });
  const begun = performance.now();
  await host.call("job_cancel", { job_id: id }, z.looseObject({ status: z.literal("cancelled") }));
  assert.ok(performance.now() - begun < 60_000);
  assert.deepEqual(pids.filter(isAlive), []);
  assert.equal(Deno.readTextFileSync(`${state.cwd}/kept`), "0\n");
  await shutDown(state);
});
