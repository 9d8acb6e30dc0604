/** What only the wrapper has that is a process of this program; the rest is tested for both kinds where it belongs. */
import assert from "node:assert/strict";
import { type KeepRequest, recordedCode } from "../../src/kernel/wrapper/keep_turn.ts";
import { ProcessWrapper } from "../../src/kernel/wrapper/process_wrapper.ts";
import { WRAPPER_REFUSED } from "../../src/kernel/wrapper/turn_wrapper.ts";
import { TurnProcess } from "../../src/kernel/turn_process.ts";
import { eventually } from "../support/eventually.ts";
import { KernelHome, printed } from "../support/kernel_home.ts";
import { PROCESS_WRAPPER_COMMAND, processWrapper as wrapper } from "../support/wrappers.ts";

Deno.test("ProcessWrapper: an agent that cannot be run is as in a shell: a code, and stderr says why", async () => {
  await using home = new KernelHome({ wrapper });
  for (
    const [executable, code] of [[`${home.root}/no-such-agent`, 127], ["/etc/passwd", 126], [
      "/bin/sh\0",
      126,
    ]] as const
  ) {
    const { turn, process, status } = home.launch(home.newTurn(), { executable });
    await status;
    assert.deepEqual([process.exitRecord(), process.liveness()], [code, "gone"]);
    assert.notEqual(Deno.readTextFileSync(turn.stderrFile), "", executable);
  }
});

Deno.test("ProcessWrapper: a command line that the system does not take ends the turn with the reason", async () => {
  await using home = new KernelHome({ wrapper });
  const { turn, process, status } = home.launch(home.newTurn(), { args: ["x".repeat(3_000_000)] });
  await status;
  assert.equal(process.exitRecord(), 126);
  assert.match(Deno.readTextFileSync(turn.stderrFile), /too long|E2BIG/);
});

Deno.test("ProcessWrapper: one that is missing is a launch that failed", async () => {
  await using home = new KernelHome({ wrapper: new ProcessWrapper([`${Deno.cwd()}/no-such-program`]) });
  const turn = home.newTurn();
  assert.throws(() => home.launch(turn, {}), { name: "LaunchError" });
  assert.equal(new TurnProcess(turn, home.processes).liveness(), "unborn");
});

Deno.test("ProcessWrapper: a request that ends in its middle runs nothing and leaves the turn unclaimed", async () => {
  await using home = new KernelHome({ wrapper });
  const turn = home.newTurn();
  const { aliveFile, pidFile, agentFile, rawFile, stderrFile, exitFile, archivedExitFile } = turn;
  const request: KeepRequest = {
    files: { aliveFile, pidFile, agentFile, rawFile, stderrFile, exitFile, archivedExitFile },
    input: null,
    executable: "/bin/sh",
    args: ["-c", "echo ran"],
    cwd: home.root,
    env: {},
  };
  const whole = JSON.stringify(request);
  for (const text of ["", whole.slice(0, -1), "{}", "null"]) {
    assert.equal(await keep(text), WRAPPER_REFUSED, JSON.stringify(text));
    assert.equal(new TurnProcess(turn, home.processes).liveness(), "unborn");
  }
  assert.equal(await keep(whole), 0);
  assert.deepEqual(printed(turn), ["ran"]);
});

async function keep(request: string): Promise<number> {
  const [executable = "", ...args] = PROCESS_WRAPPER_COMMAND;
  const child = new Deno.Command(executable, { args, stdin: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(request));
  await writer.close();
  return (await child.status).code;
}

Deno.test("ProcessWrapper: the agent's environment is the one that was given and nothing of the daemon's", async () => {
  await using home = new KernelHome({ wrapper });
  const turn = home.newTurn();
  const env = {
    ...home.env(turn.jobId),
    KEY: "sesame",
    DENO_V8_FLAGS: "--no-such-flag",
    NODE_CHANNEL_FD: "3",
  };
  const { status } = home.launch(turn, { args: ["-c", "env"], env });
  await status;
  const own = (line: string) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line);
  assert.deepEqual(
    printed(turn).filter(own).sort(),
    Object.entries(env).map(([name, value]) => `${name}=${value}`).sort(),
  );
});

Deno.test("ProcessWrapper: output of 50 MB is in the files byte by byte", async () => {
  await using home = new KernelHome({ wrapper });
  const { turn, process, status } = await home.run(
    "head -c 50000000 /dev/zero | tr '\\0' x; printf '\\377\\376no newline' >&2; exit 3",
  );
  await status;
  assert.equal(process.exitRecord(), 3);
  assert.equal(Deno.statSync(turn.rawFile).size, 50_000_000);
  assert.deepEqual([...Deno.readFileSync(turn.stderrFile).subarray(0, 3)], [0xff, 0xfe, 0x6e]);
});

Deno.test("ProcessWrapper: a file is held while its wrapper lives, however many look at once", async () => {
  await using home = new KernelHome({ wrapper });
  const turn = home.newTurn();
  assert.equal(wrapper.isHeld(turn.aliveFile), null);
  const { process, status } = home.launch(turn, { args: ["-c", "exec sleep 60"] });
  const agent = await eventually(() => process.agent(), { what: "the agent" });
  const looks = Array.from({ length: 50 }, () => wrapper.isHeld(turn.aliveFile));
  assert.ok(looks.every((held) => held === true));
  home.processes.signal(agent.pid, "SIGKILL");
  await status;
  assert.equal(wrapper.isHeld(turn.aliveFile), false);
  using _other = sharedLock(turn.aliveFile);
  assert.equal(wrapper.isHeld(turn.aliveFile), false, "somebody else looks at this moment");
});

function sharedLock(path: string): Deno.FsFile {
  const file = Deno.openSync(path);
  file.lockSync(false);
  return file;
}

Deno.test("ProcessWrapper: something else in the place of the file says nothing, and blocks nobody", async () => {
  await using home = new KernelHome({ wrapper });
  const turn = home.newTurn();
  assert.ok((await new Deno.Command("mkfifo", { args: [turn.aliveFile] }).output()).success);
  assert.equal(wrapper.isHeld(turn.aliveFile), null);
  Deno.removeSync(turn.aliveFile);
  Deno.mkdirSync(turn.aliveFile);
  assert.equal(wrapper.isHeld(turn.aliveFile), null);
});

Deno.test("recordedCode: what fits into a record, and never 0 for what was none", () => {
  assert.deepEqual(
    ([[0, null], [7, null], [255, null], [256, null], [3221225786, null], [-1, null], [null, null]] as const)
      .map(([code, signal]) => recordedCode(code, signal)),
    [0, 7, 255, 255, 255, 255, 255],
  );
  assert.deepEqual([recordedCode(null, "SIGKILL"), recordedCode(null, "SIGTERM")], [137, 143]);
});
