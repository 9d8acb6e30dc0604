/** The end of a turn on a system that has nothing but trees of processes; on Linux with a table that tells no more. */
import assert from "node:assert/strict";
import { ProcessTree } from "../../src/kernel/end/process_tree.ts";
import { sweep, terminate } from "../../src/kernel/end/terminate.ts";
import type { ProcessRow } from "../../src/system/processes/processes.ts";
import { eventually } from "../support/eventually.ts";
import { KernelHome, type LaunchedTurn, printed } from "../support/kernel_home.ts";
import { OnlyTrees } from "../support/only_trees.ts";
import { processWrapper as wrapper } from "../support/wrappers.ts";

const processes = new OnlyTrees();

function options({ turn }: Pick<LaunchedTurn, "turn">) {
  return { turn, jobId: turn.jobId, gracefulSignal: "SIGINT", processes } as const;
}

const FAMILY = `trap '' INT TERM
  setsid sh -c 'trap "" TERM; echo "child $$"; sh -c "echo grandchild \\$\\$; sleep 60; true"; true' &
  echo "agent $$"; while :; do sleep 1; done`;

Deno.test("terminate by trees: nothing of the agent is left, and the wrapper lives to record the end", async () => {
  await using home = new KernelHome({ wrapper });
  const launched = await home.run(FAMILY);
  await eventually(() => printed(launched.turn).length === 3, { what: "the family" });
  const pids = printed(launched.turn).map((line) => Number(line.split(" ")[1]));
  const { killed, survivors } = await terminate(options(launched));
  assert.deepEqual(survivors, []);
  assert.ok(killed >= 4, `${killed} killed`);
  assert.deepEqual(processes.table().filter(({ pid }) => pids.includes(pid)), []);
  assert.deepEqual([launched.process.exitRecord(), launched.process.liveness()], [137, "gone"]);
  await launched.status;
});

Deno.test("terminate by trees: at any instant after the launch nothing is left and nothing starts later", async () => {
  await using home = new KernelHome({ wrapper });
  for (let delay = 0; delay <= 150; delay += 10) {
    // Without children: unlike on Windows, one whose parent dies between two looks names another.
    const launched = home.launch(home.newTurn(), { args: ["-c", "trap '' INT TERM; exec sleep 60"] });
    await new Promise((resolve) => setTimeout(resolve, delay));
    const { survivors } = await terminate(options(launched));
    await launched.status;
    assert.deepEqual(survivors, [], `after ${delay} ms`);
    assert.deepEqual(
      home.processes.withMarker("AGENT_ASYNC_JOB_ID", launched.turn.jobId),
      [],
      `after ${delay} ms`,
    );
    assert.notEqual(launched.process.liveness(), "alive");
  }
});

Deno.test("terminate by trees: a wrapper that has claimed its turn and not yet said its pid is waited for", async () => {
  await using home = new KernelHome({ wrapper });
  const { turn, process, status } = await home.run("exec sleep 60");
  await eventually(() => process.agent(), { what: "the agent" });
  const said = Deno.readTextFileSync(turn.pidFile);
  Deno.removeSync(turn.pidFile);
  const ending = terminate(options({ turn }));
  await new Promise((resolve) => setTimeout(resolve, 100));
  Deno.writeTextFileSync(turn.pidFile, said);
  assert.deepEqual(await ending, { killed: 2, survivors: [] });
  await status;
});

Deno.test("terminate by trees: a wrapper that is stopped is ended too", async () => {
  await using home = new KernelHome({ wrapper });
  const launched = await home.run("exec sleep 60");
  const agent = await eventually(() => launched.process.agent(), { what: "the agent" });
  home.processes.signal(launched.process.identity()?.pid ?? 0, "SIGSTOP");
  assert.deepEqual(await terminate(options(launched)), { killed: 2, survivors: [] });
  assert.deepEqual([launched.process.liveness(), home.processes.isAlive(agent)], ["gone", false]);
  await launched.status;
});

Deno.test("terminate by trees: a turn that has ended, or never began, costs no look at all processes", async () => {
  await using home = new KernelHome({ wrapper });
  const ended = await home.run("exit 4");
  await ended.status;
  const blind = new OnlyTrees();
  blind.table = () => assert.fail("looked");
  const nobody = { killed: 0, survivors: [] };
  assert.deepEqual(await terminate({ ...options(ended), processes: blind }), nobody);
  assert.equal(ended.process.exitRecord(), 4);
  const turn = home.newTurn();
  assert.deepEqual(await terminate({ ...options({ turn }), processes: blind }), nobody);
  const late = home.launch(turn, { args: ["-c", "echo ran"] });
  await late.status;
  assert.deepEqual([printed(turn), late.process.exitRecord()], [[], null]);
  assert.deepEqual(await sweep(turn.jobId, blind), nobody);
});

Deno.test("terminate by trees: a table that shows nothing does not make a turn that runs a turn that ended", async () => {
  await using home = new KernelHome({ wrapper });
  const launched = await home.run("exec sleep 60");
  await eventually(() => launched.process.agent(), { what: "the agent" });
  const blind = new OnlyTrees();
  blind.table = () => [];
  const { survivors } = await terminate({ ...options(launched), processes: blind });
  assert.deepEqual([survivors.length, launched.process.liveness()], [1, "alive"]);
  await terminate(options(launched));
  await launched.status;
});

function row(pid: number, ppid: number, startTime: string): ProcessRow {
  return { pid, ppid, pgid: pid, sid: 1, startTime, state: "", command: "x" };
}

Deno.test("ProcessTree: children of the dead are found, those of a reused pid and our own are not", () => {
  let rows: ProcessRow[] = [];
  const paper = new OnlyTrees();
  paper.table = () => rows;
  const tree = new ProcessTree(paper, { pid: 10, startTime: "100" });
  const found = () => {
    tree.scan();
    return tree.alive.map(({ pid }) => pid);
  };
  // The root is dead from the beginning; 12 names a parent that began after it did.
  rows = [
    row(13, 11, "120"),
    row(11, 10, "110"),
    row(12, 10, "90"),
    row(Deno.pid, 11, "130"),
    row(20, Deno.pid, "140"),
  ];
  assert.deepEqual(found(), [13, 11]);
  // 11 has died, and its pid is another's; what it had begun still names it.
  rows = [row(11, 1, "200"), row(14, 11, "150"), row(15, 11, "210")];
  assert.deepEqual(found(), [14, 15]);
  rows = [];
  assert.deepEqual([found(), tree.count], [[], 5]);
});
