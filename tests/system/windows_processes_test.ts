import assert from "node:assert/strict";
import {
  parseWindowsProcesses,
  type RunTool,
  WindowsProcesses,
} from "../../src/system/processes/windows_processes.ts";
import { windowsTable } from "../../src/system/processes/windows_table.ts";
import { testUnless } from "../support/skippable.ts";

/** 2026-01-01T00:00:00Z, in ticks of .NET. */
const NEW_YEAR = "639028224000000000";
const NEW_YEAR_MS = Date.parse("2026-01-01T00:00:00Z");

const TABLE = [
  "0|0|0|0|System Idle Process",
  `4288|912|1|${NEW_YEAR}|agent async|odd.exe`,
  `5120|4288|1|639028224100000000|codex.exe`,
  "Get-CimInstance : something else",
  "",
].join("\r\n");

/** Windows, as far as it is asked: processes of the table, one by one or all. */
function machine() {
  const calls: string[] = [];
  const run: RunTool = (program, args) => {
    calls.push([program, ...args].join(" "));
    const pid = /ProcessId=(\d+)/.exec(args.join(" "))?.[1];
    if (program === "taskkill") return args.at(-1) === "4288" ? "SUCCESS" : "";
    return pid === undefined ? TABLE : TABLE.split("\r\n").find((line) => line.startsWith(`${pid}|`)) ?? "";
  };
  return { calls, processes: new WindowsProcesses(run, () => NEW_YEAR_MS + 90_000) };
}

Deno.test("Windows processes: the table, without what has no start and what is no process", () => {
  assert.deepEqual(parseWindowsProcesses(TABLE), [
    {
      pid: 4288,
      ppid: 912,
      pgid: 4288,
      sid: 1,
      startTime: NEW_YEAR,
      state: "",
      command: "agent async|odd.exe",
    },
    {
      pid: 5120,
      ppid: 4288,
      pgid: 5120,
      sid: 1,
      startTime: "639028224100000000",
      state: "",
      command: "codex.exe",
    },
  ]);
});

Deno.test("Windows processes: identity, age, and a reused pid", () => {
  const { processes } = machine();
  const identity = processes.identify(4288) ?? assert.fail("not found");
  assert.deepEqual(identity, { pid: 4288, startTime: NEW_YEAR, bootId: "" });
  assert.deepEqual([processes.isAlive(identity), processes.ageMs(identity)], [true, 90_000]);
  const reused = { ...identity, startTime: "639028223000000000" };
  assert.deepEqual([processes.isAlive(reused), processes.ageMs(reused)], [false, null]);
  assert.equal(processes.identify(77), null);
});

Deno.test("Windows processes: a group is a tree, and nobody asks for pid 1 or below", () => {
  const { processes, calls } = machine();
  assert.deepEqual([4288, 77, 1, -1].map((pid) => processes.signalGroup(pid, "SIGTERM")), [
    true,
    false,
    false,
    false,
  ]);
  assert.deepEqual(calls, ["taskkill /T /F /PID 4288", "taskkill /T /F /PID 77"]);
  assert.deepEqual(processes.withMarker("AGENT_ASYNC_JOB_ID", "abc"), []);
});

Deno.test("Windows processes: where there is no PowerShell, there are no processes, and no error", () => {
  const processes = new WindowsProcesses(() => "");
  assert.deepEqual([processes.table(), processes.identify(Deno.pid)], [[], null]);
});

Deno.test("Windows processes: nothing but trees, and to end one that is not there is no error", () => {
  const { processes } = machine();
  assert.equal(processes.onlyTrees, true);
  assert.equal(processes.signal(0x7fffffff, "SIGINT"), false);
  assert.equal(processes.signal(1, "SIGKILL"), false);
});

Deno.test("Windows processes: a signal that the system does not have ends the process", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "await new Response(Deno.stdin.readable).text()"],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(60_000),
  }).spawn();
  assert.equal(machine().processes.signal(child.pid, "SIGCONT"), true);
  const { signal } = await child.status;
  assert.equal(signal, Deno.build.os === "windows" ? null : "SIGKILL");
});

Deno.test("Windows processes: its own library is asked before PowerShell", () => {
  const row = { pid: 7, ppid: 1, pgid: 7, sid: 1, startTime: NEW_YEAR, state: "", command: "a.exe" };
  const run: RunTool = (program) => assert.fail(`${program} was run`);
  const processes = new WindowsProcesses(run, () => NEW_YEAR_MS + 90_000, (pid) => pid === 8 ? [] : [row]);
  assert.deepEqual(processes.identify(7), { pid: 7, startTime: NEW_YEAR, bootId: "" });
  assert.equal(processes.identify(8), null);
  assert.equal(processes.ageMs({ pid: 7, startTime: NEW_YEAR, bootId: "" }), 90_000);
  assert.deepEqual(processes.table(), [row]);
});

testUnless(
  Deno.build.os === "windows" ? null : "it takes a Windows",
  "Windows: this process and its child",
  async () => {
    const processes = new WindowsProcesses(
      (program) => assert.fail(`${program} was run`),
      Date.now,
      windowsTable(),
    );
    const child = new Deno.Command(Deno.execPath(), { args: ["eval", "setInterval(() => {}, 1000)"] })
      .spawn();
    const identity = processes.identify(child.pid);
    assert.ok(identity !== null && (processes.ageMs(identity) ?? -1) < 600_000);
    assert.equal(processes.table().find(({ pid }) => pid === child.pid)?.ppid, Deno.pid);
    child.kill("SIGKILL");
    await child.status;
    assert.equal(processes.isAlive(identity), false);
    assert.deepEqual(processes.table().filter(({ pid }) => pid === child.pid), []);
  },
);
