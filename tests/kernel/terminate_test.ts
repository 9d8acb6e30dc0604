import assert from "node:assert/strict";
import { ShellWrapper } from "../../src/kernel/wrapper/shell_wrapper.ts";
import { sweep, terminate } from "../../src/kernel/end/terminate.ts";
import { TurnProcess } from "../../src/kernel/turn_process.ts";
import { WRAPPER_SCRIPT } from "../../src/kernel/wrapper/shell_script.ts";
import type { Processes, ProcessIdentity } from "../../src/system/processes/processes.ts";
import { PsProcesses } from "../../src/system/processes/ps_processes.ts";
import { eventually, PATIENCE_MS } from "../support/eventually.ts";
import { KernelHome, type LaunchedTurn, printed } from "../support/kernel_home.ts";
import { testWrappers } from "../support/wrappers.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";

/** Waits until the agent has printed `count` lines "name pid", and says who they are. */
async function family(
  launched: LaunchedTurn,
  processes: Processes,
  count: number,
): Promise<ProcessIdentity[]> {
  const lines = await eventually(
    () => printed(launched.turn).length >= count ? printed(launched.turn) : null,
    { what: `${count} processes` },
  );
  return lines.map((line) => {
    const identity = processes.identify(Number(line.split(" ")[1]));
    assert.ok(identity !== null, `${line} is not there`);
    return identity;
  });
}

function options(launched: LaunchedTurn, processes: Processes) {
  return { turn: launched.turn, jobId: launched.turn.jobId, gracefulSignal: "SIGINT", processes } as const;
}

testWrappers(
  "terminate: nothing is left of a family that hides and ignores, and the exit record is written",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    const launched = await home.runFixture("family.sh");
    const members = await family(launched, home.processes, 7);
    const { killed, survivors } = await terminate({
      ...options(launched, home.processes),
      graceMs: 100,
      termMs: 100,
    });
    assert.deepEqual(members.filter((member) => home.processes.isAlive(member)), []);
    assert.deepEqual(survivors, []);
    assert.ok(killed >= members.length, `${killed} killed`);
    assert.deepEqual(home.processes.withMarker("AGENT_ASYNC_JOB_ID", launched.turn.jobId), []);
    assert.equal(launched.process.exitRecord(), 137);
    assert.equal(launched.process.liveness(), "gone");
    await launched.status;
  },
);

testWrappers(
  "terminate: an agent that obeys is not made to wait, and its own exit code counts",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    const launched = await home.run(
      `trap 'echo cleaned; exit 42' INT; echo up; while :; do sleep 0.02; done`,
    );
    // It may print before a wrapper that is a process has written down who it is.
    await eventually(() => printed(launched.turn).includes("up") && launched.process.agent(), {
      what: "the agent",
    });
    const began = performance.now();
    const patient = { ...options(launched, home.processes), graceMs: PATIENCE_MS };
    assert.deepEqual((await terminate(patient)).survivors, []);
    assert.ok(performance.now() - began < PATIENCE_MS / 2, "it waited for the grace to pass");
    assert.deepEqual(printed(launched.turn), ["up", "cleaned"]);
    assert.equal(launched.process.exitRecord(), 42);
  },
);

testWrappers("terminate: an agent that only heeds SIGTERM gets it after the grace", async (wrapper) => {
  await using home = new KernelHome({ wrapper });
  const launched = await home.run(
    `trap '' INT; trap 'echo term; exit 9' TERM; echo up; while :; do sleep 0.02; done`,
  );
  await eventually(() => printed(launched.turn).includes("up"), { what: "the agent" });
  await terminate({ ...options(launched, home.processes), graceMs: 50 });
  assert.deepEqual(printed(launched.turn), ["up", "term"]);
  assert.equal(launched.process.exitRecord(), 9);
});

testWrappers("terminate: relatives of an agent that leaves politely do not stay", async (wrapper) => {
  await using home = new KernelHome({ wrapper });
  const launched = await home.run(
    `setsid sh -c 'trap "" TERM INT; echo "child $$"; while :; do sleep 1; done' &
    sleep 0.1; trap 'exit 0' INT; echo "agent $$"; while :; do sleep 0.02; done`,
  );
  const members = await family(launched, home.processes, 2);
  assert.deepEqual((await terminate(options(launched, home.processes))).survivors, []);
  assert.deepEqual(members.filter((member) => home.processes.isAlive(member)), []);
  assert.equal(launched.process.exitRecord(), 0);
});

testWrappers(
  "terminate: a stopped agent and a stopped wrapper end too, and the record is written",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    const launched = await home.run("exec sleep 1000");
    await eventually(() => launched.process.agentPid(), { what: "the agent" });
    home.processes.signalGroup(launched.process.identity()?.pid ?? 0, "SIGSTOP");
    await terminate({ ...options(launched, home.processes), graceMs: 50, termMs: 50 });
    await launched.status;
    assert.equal(launched.process.liveness(), "gone");
    assert.ok((launched.process.exitRecord() ?? 0) > 128);
  },
);

testWrappers(
  "terminate: at any instant after the launch nothing is left and nothing starts later",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    for (let step = 0; step < 16; step++) {
      // A process takes longer to begin than a shell.
      const delay = wrapper instanceof ShellWrapper ? step : step * 10;
      const turn = home.newTurn();
      const launched = home.launch(turn, { args: ["-c", "trap '' INT TERM; while :; do sleep 1; done"] });
      await new Promise((resolve) => setTimeout(resolve, delay));
      await terminate({ ...options(launched, home.processes), graceMs: 20, termMs: 20 });
      assert.deepEqual(home.processes.withMarker("AGENT_ASYNC_JOB_ID", turn.jobId), [], `after ${delay} ms`);
      await launched.status;
      assert.notEqual(launched.process.liveness(), "alive");
    }
  },
);

testWrappers("terminate: what survives a killed wrapper is found without it", async (wrapper) => {
  await using home = new KernelHome({ wrapper });
  const launched = await home.runFixture("family.sh");
  const members = await family(launched, home.processes, 7);
  home.processes.signal(launched.process.identity()?.pid ?? 0, "SIGKILL");
  await launched.status;
  const { survivors } = await terminate({ ...options(launched, home.processes), graceMs: 50, termMs: 50 });
  assert.deepEqual(survivors, []);
  assert.deepEqual(members.filter((member) => home.processes.isAlive(member)), []);
  assert.equal(launched.process.exitRecord(), null);
});

Deno.test("terminate: a turn that has ended, or never began, costs nothing and harms nobody", async () => {
  await using home = new KernelHome();
  const launched = await home.run("exit 0");
  await launched.status;
  assert.deepEqual(await terminate(options(launched, home.processes)), { killed: 0, survivors: [] });
  assert.equal(launched.process.exitRecord(), 0);
  const turn = home.newTurn();
  const nobody = { ...options(launched, home.processes), turn, jobId: turn.jobId };
  assert.deepEqual(await terminate(nobody), { killed: 0, survivors: [] });
});

Deno.test("terminate: a process that has the wrapper's or the agent's old pid is left alone", async () => {
  await using home = new KernelHome();
  const bystander = new Deno.Command("/bin/sh", { args: ["-c", "exec sleep 60"], detached: true }).spawn();
  const identity = home.processes.identify(bystander.pid);
  assert.ok(identity !== null);
  const turn = home.newTurn();
  for (const path of [turn.pidFile, turn.agentFile]) {
    Deno.writeTextFileSync(path, `${identity.pid} 1 ${identity.bootId}\n`);
  }
  const result = await terminate({
    turn,
    jobId: turn.jobId,
    gracefulSignal: "SIGTERM",
    processes: home.processes,
    graceMs: 20,
    termMs: 20,
  });
  assert.deepEqual(result, { killed: 0, survivors: [] });
  assert.equal(home.processes.isAlive(identity), true);
  bystander.kill("SIGKILL");
  await bystander.status;
});

testWrappers(
  "terminate: other jobs are not touched, even those started from inside this one",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    const other = await home.run("exec sleep 60");
    await eventually(() => other.process.agentPid(), { what: "the other agent" });
    const launched = await home.runFixture("family.sh");
    await family(launched, home.processes, 7);
    await terminate({ ...options(launched, home.processes), graceMs: 20, termMs: 20 });
    assert.equal(other.process.liveness(), "alive");
    assert.notEqual(other.process.agentPid(), null);
    await terminate({ ...options(other, home.processes), gracefulSignal: "SIGTERM" });
    await other.status;
  },
);

Deno.test("terminate: without /proc the tree, the group and the FIFO are enough", async () => {
  await using home = new KernelHome();
  const turn = home.newTurn();
  const script = WRAPPER_SCRIPT.replaceAll("/proc/", "/nowhere/");
  const agent =
    `trap '' INT TERM; setsid sh -c 'echo "child $$"; exec sleep 60' & echo "agent $$"; while :; do sleep 1; done`;
  const child = new Deno.Command("/bin/sh", {
    args: [
      "-c",
      script,
      "turn",
      turn.path,
      turn.exitFile,
      "22",
      "",
      "/dev/null",
      "0",
      "/bin/sh",
      "-c",
      agent,
    ],
    env: home.env(turn.jobId),
    clearEnv: true,
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const processes = new PsProcesses();
  const process = new TurnProcess(turn, processes);
  const members = await family({ turn, process, status: child.status }, home.processes, 2);
  assert.deepEqual([process.liveness(), process.identity()?.pid], ["alive", child.pid]);
  await eventually(() => process.agentPid(), { what: "the agent by the table" });
  const { survivors } = await terminate({
    turn,
    jobId: turn.jobId,
    gracefulSignal: "SIGINT",
    processes,
    graceMs: 50,
    termMs: 50,
  });
  assert.deepEqual(survivors, []);
  assert.deepEqual(members.filter((member) => home.processes.isAlive(member)), []);
  assert.deepEqual([process.liveness(), process.exitRecord()], ["gone", 137]);
  await child.status;
});

for (const looks of ["at what is younger than the turn", "at everything"]) {
  testUnless(
    NOT_LINUX,
    `sweep: looking ${looks}, kills what a turn that ended by itself has left running, and keeps its exit record`,
    async () => {
      await using home = new KernelHome();
      const mark = looks === "at everything" ? null : home.processes.mark?.() ?? null;
      const launched = await home.run(
        `setsid sh -c 'trap "" TERM; echo "left $$"; while :; do sleep 1; done' &
    while ! [ -s "${home.root}/go" ]; do sleep 0.02; done; exit 6`,
      );
      const [left] = await family(launched, home.processes, 1);
      Deno.writeTextFileSync(`${home.root}/go`, "go");
      await launched.status;
      assert.ok(left !== undefined && home.processes.isAlive(left));
      const firstPid = launched.process.identity()?.pid ?? 0;
      const youth = mark === null ? null : { mark, firstPid };
      const { killed, survivors } = await sweep(launched.turn.jobId, home.processes, youth);
      assert.deepEqual(survivors, []);
      assert.ok(killed >= 1);
      assert.equal(home.processes.isAlive(left), false);
      assert.equal(launched.process.exitRecord(), 6);
    },
  );
}

Deno.test("sweep: refuses what is no job id, whose marker others could carry", async () => {
  await using home = new KernelHome();
  await assert.rejects(() => sweep("", home.processes), /not a job id/);
});
