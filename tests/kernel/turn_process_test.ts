import assert from "node:assert/strict";
import { TurnProcess } from "../../src/kernel/turn_process.ts";
import { eventually } from "../support/eventually.ts";
import { KernelHome } from "../support/kernel_home.ts";
import { testWrappers } from "../support/wrappers.ts";

testWrappers(
  "TurnProcess: unborn, then alive with an age and an agent, then gone with an exit record",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    const turn = home.newTurn();
    const before = new TurnProcess(turn, home.processes);
    assert.deepEqual(
      [before.liveness(), before.exitRecord(), before.identity(), before.ageMs(), before.agentPid()],
      ["unborn", null, null, null, null],
    );
    const { process, status } = home.launch(turn, { args: ["-c", "exec sleep 60"] });
    const agentPid = await eventually(() => process.agentPid(), { what: "the agent" });
    assert.equal(process.liveness(), "alive");
    assert.ok((process.ageMs() ?? -1) >= 0);
    const row = home.processes.table().find((row) => row.pid === agentPid);
    assert.equal(row?.ppid, process.identity()?.pid);
    assert.equal(row?.sid, process.identity()?.pid);
    home.processes.signal(agentPid, "SIGTERM");
    await status;
    assert.deepEqual(
      [process.liveness(), process.exitRecord(), process.ageMs(), process.agentPid()],
      ["gone", 143, null, null],
    );
    turn.archiveExit();
    turn.archiveExit();
    assert.deepEqual([process.liveness(), process.exitRecord()], ["gone", 143]);
  },
);

testWrappers(
  "TurnProcess: a wrapper killed by SIGKILL is gone without a record, though its agent still runs",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    const { turn, process, status } = await home.run("exec sleep 60");
    const agentPid = await eventually(() => process.agentPid(), { what: "the agent" });
    home.processes.signal(process.identity()?.pid ?? 0, "SIGKILL");
    await status;
    assert.deepEqual([process.liveness(), process.exitRecord()], ["gone", null]);
    if (Deno.build.os === "linux") assert.equal(process.agentPid(), agentPid);
    home.processes.signal(agentPid, "SIGKILL");
    await eventually(() => new TurnProcess(turn, home.processes).agentPid() === null, {
      what: "the agent's end",
    });
  },
);

Deno.test("TurnProcess: claimed without a pid is unborn, for the caller to judge by time", async () => {
  await using home = new KernelHome();
  const turn = home.newTurn();
  const { success } = await new Deno.Command("mkfifo", { args: [turn.aliveFile] }).output();
  assert.ok(success);
  const process = new TurnProcess(turn, home.processes);
  assert.equal(process.liveness(), "unborn");
  const own = home.processes.identify(Deno.pid);
  Deno.writeTextFileSync(turn.pidFile, `${own?.pid} ${own?.startTime}`);
  assert.equal(process.liveness(), "unborn", "a pid file without its newline is not whole");
});

Deno.test("TurnProcess: a pid that somebody else has by now is not the wrapper", async () => {
  await using home = new KernelHome();
  const own = home.processes.identify(Deno.pid);
  assert.ok(own !== null);
  const turn = home.newTurn();
  // This process is alive, and so is its pid; only the FIFO and the start time know better.
  Deno.writeTextFileSync(turn.pidFile, `${own.pid} 1 ${own.bootId}\n`);
  assert.equal(new TurnProcess(turn, home.processes).liveness(), "gone", "another start time, and no FIFO");
  Deno.writeTextFileSync(turn.pidFile, `${own.pid} ${own.startTime} ${own.bootId}\n`);
  assert.equal(
    new TurnProcess(turn, home.processes).liveness(),
    "alive",
    "no FIFO, but the very same process",
  );
  await new Deno.Command("mkfifo", { args: [turn.aliveFile] }).output();
  const process = new TurnProcess(turn, home.processes);
  assert.equal(process.liveness(), "alive", "nobody holds the FIFO, but the very same process lives");
  Deno.writeTextFileSync(turn.exitFile, "0   \n");
  assert.equal(process.liveness(), "gone", "nobody holds the FIFO, and the exit is recorded");
  Deno.removeSync(turn.exitFile);
  Deno.writeTextFileSync(turn.pidFile, `${own.pid}\n`);
  assert.equal(
    new TurnProcess(turn, home.processes).identity(),
    null,
    "a bare pid counts only while the FIFO is held",
  );
});

Deno.test("TurnProcess: a FIFO that was replaced, as by a restored backup, does not make a live agent dead", async () => {
  await using home = new KernelHome();
  const { turn, process } = await home.run("sleep 600");
  Deno.removeSync(turn.aliveFile);
  const { success } = await new Deno.Command("mkfifo", { args: [turn.aliveFile] }).output();
  assert.ok(success);
  assert.equal(process.liveness(), "alive");
  assert.equal(new TurnProcess(turn, home.processes).liveness(), "alive", "for the next daemon, too");
  home.processes.signalGroup(Number(process.identity()?.pid), "SIGKILL");
  await eventually(() => process.liveness() === "gone", { what: "its end" });
});

Deno.test("TurnProcess: a damaged exit record is none", async () => {
  await using home = new KernelHome();
  const turn = home.newTurn();
  const process = new TurnProcess(turn, home.processes);
  for (const text of ["", "\n", "    \n", "abc", "1234", "-1", "0x1"]) {
    Deno.writeTextFileSync(turn.exitFile, text);
    assert.equal(process.exitRecord(), null, JSON.stringify(text));
  }
  Deno.writeTextFileSync(turn.exitFile, "0   \n");
  assert.equal(process.exitRecord(), 0);
});
