import assert from "node:assert/strict";
import type { LaunchOptions } from "../../src/kernel/launch.ts";
import { LaunchError } from "../../src/kernel/launch_fault.ts";
import { TurnProcess } from "../../src/kernel/turn_process.ts";
import { WRAPPER_REFUSED } from "../../src/kernel/wrapper/turn_wrapper.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { KernelHome, printed } from "../support/kernel_home.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";
import { CANNOT_MOUNT, mountSmallDisk } from "../support/small_disk.ts";
import { testWrappers, WRAPPERS } from "../support/wrappers.ts";

const LAUNCHER = fromFileUrl(new URL("../fixtures/launcher.ts", import.meta.url));

testWrappers(
  "launch: every exit code and signal is recorded though the launching process was killed",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    const job = home.newJob();
    await job.remove();
    const gate = `${home.root}/gate`;
    // Nobody ends before the launcher is dead.
    const after = (script: string) => `while ! [ -e ${gate} ]; do sleep 0.02; done; ${script}`;
    const signals = { HUP: 1, INT: 2, QUIT: 3, ABRT: 6, KILL: 9, USR1: 10, SEGV: 11, PIPE: 13, TERM: 15 };
    const cases: [script: string, code: number][] = [
      ["exit 0", 0],
      ["exit 7", 7],
      ["exit 255", 255],
      ["exec /nowhere/at-all", 127],
      ["exec /etc/passwd", 126],
      ...Object.entries(signals).map((
        [name, number],
      ): [string, number] => [`kill -${name} $$`, 128 + number]),
    ];
    const launcher = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        LAUNCHER,
        Object.entries(WRAPPERS).find(([, each]) => each === wrapper)?.[0] ?? "",
        home.directories.home,
        job.id,
        ...cases.map(([script]) => after(script)),
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const output = launcher.stdout.getReader();
    assert.equal(new TextDecoder().decode((await output.read()).value), "launched\n");
    await output.cancel();
    launcher.kill("SIGKILL");
    await launcher.status;

    const turns = cases.map((_, index) => new TurnProcess(job.turn(index + 1), home.processes));
    for (const [index, turn] of turns.entries()) {
      await eventually(() => turn.agentPid(), { what: `the agent of turn ${index + 1}` });
    }
    assert.deepEqual(turns.map((turn) => turn.liveness()), cases.map(() => "alive"));
    assert.deepEqual(turns.map((turn) => turn.exitRecord()), cases.map(() => null));
    Deno.writeTextFileSync(gate, "");
    for (const turn of turns) await eventually(() => turn.liveness() === "gone", { what: "the ends" });
    assert.deepEqual(
      turns.map((turn, index) => [cases[index]?.[0], turn.exitRecord()]),
      cases.map(([script, code]) => [script, code]),
    );
  },
);

testUnless(
  NOT_LINUX,
  "launch: a launcher that is killed at once takes nothing from an environment that no shell can carry",
  async () => {
    await using home = new KernelHome();
    for (let round = 0; round < 5; round++) {
      const job = home.newJob();
      await job.remove();
      const script = "tr '\\0' '\\n' </proc/$$/environ | grep '^a\\.b='; exit 7";
      const launcher = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", LAUNCHER, "exact", home.directories.home, job.id, script, script],
        stdin: "null",
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const output = launcher.stdout.getReader();
      await output.read();
      launcher.kill("SIGKILL");
      await output.cancel();
      await launcher.status;
      for (const number of [1, 2]) {
        const turn = job.turn(number);
        const process = new TurnProcess(turn, home.processes);
        await eventually(() => process.exitRecord() !== null, { what: "the end", timeoutMs: 60_000 });
        assert.deepEqual([process.exitRecord(), printed(turn)], [7, ["a.b=kept"]]);
      }
      assert.deepEqual([...Deno.readDirSync(home.directories.environmentsPath)], []);
    }
  },
);

testWrappers(
  "launch: arguments, prompt, directory and environment arrive as they were given",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    const args = ["", "two words", `"quotes' \\`, "$HOME `id` *", "line\nbreak", "--help", "ünïcödé 😀", "-"];
    const turn = home.newTurn();
    const prompt = "--help\r\n😀 \0 end without newline";
    Deno.writeTextFileSync(turn.promptFile, prompt);
    const cwd = `${home.root}/a directory 'of' "its" own`;
    Deno.mkdirSync(cwd);
    const show = `const text = await new Response(Deno.stdin.readable).text();
    console.log(JSON.stringify([Deno.args, text, Deno.cwd(), Deno.env.get("ODD"), Deno.env.get("HOME")]))`;
    const script = `${home.root}/show.ts`;
    Deno.writeTextFileSync(script, show);
    const { status, process } = home.launch(turn, {
      executable: Deno.execPath(),
      args: ["run", "-A", "--no-check", script, ...args],
      cwd,
      env: { ...home.env(turn.jobId), ODD: "=a\n$(b) 'c'" },
      stdin: "prompt",
    });
    await status;
    assert.equal(process.exitRecord(), 0, Deno.readTextFileSync(turn.stderrFile));
    assert.deepEqual(JSON.parse(printed(turn)[0] ?? ""), [args, prompt, cwd, "=a\n$(b) 'c'", home.root]);
  },
);

testWrappers(
  "launch: the agent has the caller's umask and does not hold the FIFO, our files are private",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    const { turn, status } = await home.run(
      "umask; ls -l /proc/self/fd 2>/dev/null; echo >&2 said",
    );
    await status;
    const [umask = "", ...descriptors] = printed(turn);
    assert.equal(Number.parseInt(umask, 8), Deno.umask());
    assert.doesNotMatch(descriptors.join("\n"), /alive/);
    if (Deno.build.os === "linux") assert.match(descriptors.join("\n"), /raw\.jsonl/);
    for (const path of [turn.rawFile, turn.stderrFile, turn.pidFile, turn.exitFile]) {
      assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600, path);
    }
    assert.equal(Deno.readTextFileSync(turn.stderrFile), "said\n");
  },
);

testWrappers(
  "launch: a PATH without system programs and exported functions do not disturb the wrapper",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    const turn = home.newTurn();
    const { status, process } = home.launch(turn, {
      args: ["-c", 'echo "$PATH"; exit 4'],
      env: {
        PATH: "/nowhere",
        AGENT_ASYNC_JOB_ID: turn.jobId,
        "BASH_FUNC_mv%%": "() { echo stolen; }",
        IFS: "0123456789",
      },
    });
    await status;
    assert.equal(process.exitRecord(), 4);
    assert.deepEqual(printed(turn), ["/nowhere"]);
  },
);

testWrappers(
  "launch: a turn that was claimed runs nothing a second time and keeps its exit record",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    const turn = home.newTurn();
    const args = ["-c", "echo ran; sleep 0.2; exit 3"];
    const launches = Array.from({ length: 8 }, () => home.launch(turn, { args }));
    const statuses = await Promise.all(launches.map((launched) => launched.status));
    const codes = statuses.map((status) => Object(status).code).sort();
    assert.deepEqual(codes, [0, ...Array.from({ length: 7 }, () => WRAPPER_REFUSED)]);
    await home.launch(turn, { args: ["-c", "echo again"] }).status;
    assert.deepEqual(printed(turn), ["ran"]);
    assert.equal(new TurnProcess(turn, home.processes).exitRecord(), 3);
    turn.archiveExit();
    await home.launch(turn, { args: ["-c", "echo again"] }).status;
    assert.deepEqual(printed(turn), ["ran"]);
    assert.equal(new TurnProcess(turn, home.processes).exitRecord(), 3);
    assert.deepEqual([...Deno.readDirSync(home.directories.exitsPath)], []);
  },
);

testWrappers(
  "launch: a signal to the whole group ends the agent and leaves its exit record",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    for (
      const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130], ["SIGHUP", 129], ["SIGUSR1", 138]] as const
    ) {
      const { process, status } = await home.run("echo up; exec sleep 60");
      await eventually(() => process.agentPid(), { what: "the agent" });
      const group = process.identity()?.pid ?? 0;
      assert.equal(home.processes.signalGroup(group, signal), true);
      await status;
      assert.equal(process.exitRecord(), code);
    }
  },
);

testWrappers("launch: an agent that fills the disk cannot take its exit record with it", async (wrapper) => {
  await using home = new KernelHome({ wrapper });
  const small = `${home.root}/small`;
  Deno.mkdirSync(small);
  using _disk = mountSmallDisk(small, "256k");
  await using full = new KernelHome({ statePath: `${small}/state`, wrapper });
  const { turn, process, status } = await full.run("dd if=/dev/zero bs=64k 2>/dev/null; echo more; exit 5");
  await status;
  assert.equal(process.exitRecord(), 5);
  assert.ok(Deno.statSync(turn.rawFile).size > 100_000);
}, CANNOT_MOUNT);

testWrappers(
  "launch: an exit record whose place was taken away meanwhile is written all the same",
  async (wrapper) => {
    await using home = new KernelHome({ wrapper });
    const gate = `${home.root}/gate`;
    const { turn, process, status } = await home.run(`while ! [ -e ${gate} ]; do sleep 0.02; done; exit 5`);
    // A turn is claimed before its exit record is made, and its agent started after that.
    await eventually(() => process.agentPid(), { what: "the agent" });
    Deno.removeSync(turn.exitFile);
    Deno.writeTextFileSync(gate, "");
    await status;
    assert.equal(process.exitRecord(), 5);
    assert.equal(Deno.statSync(turn.exitFile).mode! & 0o777, 0o600);
  },
);

Deno.test("launch: what cannot be started says why, and leaves the turn unclaimed", async () => {
  await using home = new KernelHome();
  const turn = home.newTurn();
  const attempt = (options: Partial<LaunchOptions>) => {
    try {
      home.launch(turn, options);
    } catch (error) {
      assert.ok(error instanceof LaunchError, String(error));
      return error.code;
    }
    return "started";
  };
  const hintOf = (options: Partial<LaunchOptions>) => {
    try {
      home.launch(turn, options);
    } catch (error) {
      return error instanceof LaunchError ? `${error.message}\n${error.hint}` : String(error);
    }
    return "started";
  };
  assert.equal(attempt({ cwd: `${home.root}/missing` }), "no_directory");
  assert.equal(attempt({ cwd: turn.promptFile }), "no_directory");
  assert.equal(attempt({ args: ["x".repeat(3_000_000)] }), "too_long");
  assert.equal(attempt({ env: { BIG: "x".repeat(3_000_000) } }), "too_long");
  assert.equal(attempt({ args: ["a\0b"] }), "nul");
  assert.equal(attempt({ env: { A: "a\0b" } }), "nul");
  // Each hint names what has to change; the second kind goes through a process that nobody could hear.
  for (const odd of [{}, { "a.b": "1" }]) {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`PART_${n}`, "x".repeat(120_000)]));
    const all = { ...home.env(turn.jobId), ...odd };
    assert.match(
      hintOf({ env: { ...all, BIG: "x".repeat(200_000) } }),
      /200,\d+ of them in "BIG"[^]*\nUnset BIG where the host is started/,
    );
    assert.match(
      hintOf({ env: { ...all, ...many } }),
      /4\d variables has 4,80\d,\d+ bytes/,
    );
    assert.match(
      hintOf({ args: ["-c", "y".repeat(200_000)], env: all }),
      /argument "yyy[^]*\nMake the prompt shorter/,
    );
    assert.match(hintOf({ args: ["-c", "a\0b"], env: all }), /holds a NUL\nNo program can be given one/);
    assert.match(hintOf({ env: { ...all, N: "\0" } }), /variable "N" holds a NUL\n/);
  }
  Deno.removeSync(turn.promptFile);
  assert.equal(attempt({ stdin: "prompt" }), "no_prompt");
  assert.equal(new TurnProcess(turn, home.processes).liveness(), "unborn");
  const { status, process } = home.launch(turn, { executable: `${home.root}/no-such-agent` });
  await status;
  assert.equal(process.exitRecord(), 127);
  assert.match(Deno.readTextFileSync(turn.stderrFile), /no-such-agent/);
});
