/** The channel to a two-way agent: the growing file, its feeder, and how both end. */
import assert from "node:assert/strict";
import { Feeder, readFeeder } from "../../src/kernel/channel/feeder.ts";
import { GrowingFile } from "../../src/kernel/channel/growing_file.ts";
import { terminate } from "../../src/kernel/end/terminate.ts";
import type { TurnDirectory } from "../../src/kernel/job_directories.ts";
import { TurnProcess } from "../../src/kernel/turn_process.ts";
import { WRAPPER_SCRIPT } from "../../src/kernel/wrapper/shell_script.ts";
import { ShellWrapper } from "../../src/kernel/wrapper/shell_wrapper.ts";
import type { TurnWrapper } from "../../src/kernel/wrapper/turn_wrapper.ts";
import { eventually } from "../support/eventually.ts";
import { KernelHome, type LaunchedTurn, printed } from "../support/kernel_home.ts";
import { asSh, SHELLS } from "../support/shells.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";
import { BECOME_AGENT, FEED_CHANNEL, processWrapper, shellWrapper } from "../support/wrappers.ts";

const TAIL = ["/usr/bin/tail", "-s", "0.02", "-c", "+1", "-f"];

/** Prints what it reads, and at the end of its input leaves with 7. */
const ECHO = 'while IFS= read -r line; do printf "%s\\n" "$line"; done; echo end; exit 7';

interface Talk extends LaunchedTurn {
  file: GrowingFile;
  feeder: Feeder;
}

function begin(home: KernelHome, script: string, feeder: readonly string[] = TAIL): Talk {
  const turn = home.newTurn();
  const file = new GrowingFile(turn.channelFile, []);
  file.say("first\n");
  file.flush();
  const launched = home.launch(turn, { args: ["-c", script, "agent"], stdin: "channel", feeder });
  return { ...launched, file, feeder: new Feeder(turn, home.processes) };
}

function say(file: GrowingFile, text: string): void {
  file.say(`${text}\n`);
  file.flush();
}

async function hears(turn: TurnDirectory, lines: readonly string[]): Promise<void> {
  const what = `${lines.length} lines`;
  await eventually(() => printed(turn).length >= lines.length, { what, timeoutMs: 60_000 });
  assert.deepEqual(printed(turn), lines);
}

/** One test for each shell, for the wrapper that is a process, and for the feeder of our own. */
function testTalks(
  name: string,
  fn: (wrapper: TurnWrapper, feeder: readonly string[]) => Promise<void>,
): void {
  for (const shell of SHELLS) {
    testUnless(
      shell.path === null ? `there is no ${shell.program}` : NOT_LINUX,
      `${name} (${shell.name})`,
      async () => {
        const links = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
        try {
          const sh = asSh(shell.path ?? "", links);
          await fn(new ShellWrapper({ becomeAgent: BECOME_AGENT, shell: sh }), TAIL);
        } finally {
          Deno.removeSync(links, { recursive: true });
        }
      },
    );
  }
  Deno.test(`${name} (our own feeder)`, () => fn(shellWrapper, FEED_CHANNEL));
  Deno.test(`${name} (process)`, () => fn(processWrapper, []));
}

testTalks("channel: what is said arrives in order, and ends with the feeder", async (wrapper, command) => {
  await using home = new KernelHome({ wrapper });
  const { turn, process, status, file, feeder } = begin(home, ECHO, command);
  await hears(turn, ["first"]);
  const long = "x".repeat(1_000_000);
  for (const text of ["second", "", long, '{"ünïcödé":"😀"}']) say(file, text);
  const lines = ["first", "second", "", long, '{"ünïcödé":"😀"}'];
  await hears(turn, lines);
  assert.equal(feeder.isGone(), false);
  feeder.end();
  await status;
  assert.deepEqual(printed(turn), [...lines, "end"]);
  assert.deepEqual([process.exitRecord(), process.liveness(), feeder.wasCut()], [7, "gone", false]);
  assert.equal(new Feeder(turn, home.processes).isOrderedToEnd, true);
});

testTalks(
  "channel: the feeder is gone before the exit record of an agent that ends by itself",
  async (wrapper, command) => {
    await using home = new KernelHome({ wrapper });
    // Again and again: a feeder that notices by itself that its reader is gone would end now and then before the look.
    const ends = Array.from({ length: 6 }, () => ["read -r line; exit 3", 3] as const);
    for (const [script, code] of [...ends, ["read -r line; kill -9 $$", 137], ["exit 4", 4]] as const) {
      const { turn, process, feeder } = begin(home, script, command);
      await eventually(() => process.exitRecord() !== null, {
        what: "the exit record",
        timeoutMs: 60_000,
      });
      const pid = readFeeder(turn.feederFile, home.processes);
      assert.equal(pid !== null && home.processes.isAlive(pid), false);
      assert.deepEqual([process.exitRecord(), feeder.wasCut()], [code, false]);
    }
  },
);

for (const shell of SHELLS) {
  const cannot = shell.path === null ? `there is no ${shell.program}` : NOT_LINUX;
  testUnless(cannot, `channel: a feeder that ends without our order is a cut (${shell.name})`, async () => {
    const links = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
    using _links = { [Symbol.dispose]: () => Deno.removeSync(links, { recursive: true }) };
    await using home = new KernelHome({
      wrapper: new ShellWrapper({ shell: asSh(shell.path ?? "", links) }),
    });
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const { turn, status, process, feeder } = begin(home, ECHO);
      await hears(turn, ["first"]);
      const pid = readFeeder(turn.feederFile, home.processes)?.pid ?? 0;
      home.processes.signal(pid, signal);
      await status;
      assert.deepEqual([process.exitRecord(), feeder.isGone(), feeder.wasCut()], [7, true, true]);
    }
  });
}

testUnless(
  NOT_LINUX,
  "channel: an agent alone does not make a turn look alive, and ends with the rest",
  async () => {
    await using home = new KernelHome();
    const { turn, process, status } = begin(home, `trap '' TERM; ${ECHO}`);
    await hears(turn, ["first"]);
    const wrapper = process.identity();
    const feeder = readFeeder(turn.feederFile, home.processes);
    const agent = process.agent();
    assert.ok(wrapper !== null && feeder !== null && agent !== null);
    assert.notEqual(agent.pid, feeder.pid);
    home.processes.signal(wrapper.pid, "SIGKILL");
    await status;
    assert.equal(process.liveness(), "gone");
    assert.deepEqual([feeder, agent].map((one) => home.processes.isAlive(one)), [true, true]);
    const { survivors } = await terminate({
      turn,
      jobId: turn.jobId,
      gracefulSignal: "SIGTERM",
      processes: home.processes,
      graceMs: 50,
      termMs: 50,
    });
    assert.deepEqual(survivors, []);
    assert.deepEqual([feeder, agent].map((one) => home.processes.isAlive(one)), [false, false]);
  },
);

testUnless(
  NOT_LINUX,
  "channel: the feeder holds nothing of the wrapper's, whatever environment the agent has",
  async () => {
    await using home = new KernelHome();
    for (const odd of [{}, { "a.b": "kept", IFS: "x" }]) {
      const turn = home.newTurn();
      using file = new GrowingFile(turn.channelFile, []);
      file.say("first\n");
      file.flush();
      const env = { ...home.env(turn.jobId), ...odd };
      const { status } = home.launch(turn, {
        args: ["-c", ECHO, "agent"],
        stdin: "channel",
        feeder: TAIL,
        env,
      });
      await hears(turn, ["first"]);
      const pid = readFeeder(turn.feederFile, home.processes)?.pid ?? 0;
      const held = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) =>
        Deno.readLinkSync(`/proc/${pid}/fd/${name}`)
      );
      assert.deepEqual(held.filter((path) => /alive|environments|raw|stderr/.test(path)), []);
      new Feeder(turn, home.processes).end();
      await status;
    }
  },
);

testUnless(NOT_LINUX, "terminate: the feeder is ended with its agent, and neither is left", async () => {
  await using home = new KernelHome();
  const { turn, process, status } = begin(home, `trap '' INT TERM; ${ECHO}`);
  await hears(turn, ["first"]);
  const feeder = readFeeder(turn.feederFile, home.processes);
  const { survivors } = await terminate({
    turn,
    jobId: turn.jobId,
    gracefulSignal: "SIGINT",
    processes: home.processes,
    graceMs: 50,
    termMs: 50,
  });
  await status;
  assert.deepEqual([survivors, feeder !== null && home.processes.isAlive(feeder)], [[], false]);
  assert.ok(process.exitRecord() !== null);
});

testUnless(
  NOT_LINUX,
  "channel: without /proc the feeder is known by its pid, and a cut is told as well",
  async () => {
    await using home = new KernelHome();
    const script = WRAPPER_SCRIPT.replaceAll("/proc/", "/nowhere/");
    for (const isCut of [false, true]) {
      const turn = home.newTurn();
      using file = new GrowingFile(turn.channelFile, ["first\n"]);
      file.flush();
      const words = [turn.path, turn.exitFile, "22", "", turn.feedFile, String(TAIL.length), ...TAIL];
      const child = new Deno.Command("/bin/sh", {
        args: ["-c", script, "turn", ...words, "/bin/sh", "-c", ECHO],
        env: home.env(turn.jobId),
        clearEnv: true,
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      await hears(turn, ["first"]);
      const feeder = new Feeder(turn, home.processes);
      assert.equal(feeder.isGone(), false);
      if (isCut) home.processes.signal(readFeeder(turn.feederFile, home.processes)?.pid ?? 0, "SIGTERM");
      else feeder.end();
      assert.equal((await child.status).success, true);
      const process = new TurnProcess(turn, home.processes);
      assert.deepEqual([process.exitRecord(), feeder.wasCut()], [7, isCut]);
    }
  },
);
