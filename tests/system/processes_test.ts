import assert from "node:assert/strict";
import { LinuxProcesses, parseStat, uptimeSkew } from "../../src/system/processes/linux_processes.ts";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";
import { parsePs, PsProcesses } from "../../src/system/processes/ps_processes.ts";
import { eventually } from "../support/eventually.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";

const processes = systemProcesses();

function sleeper(env: Record<string, string> = {}): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    args: ["-c", "exec sleep 60"],
    env: { PATH: "/usr/bin:/bin", ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
}

Deno.test("processes: this process is alive, has an age and is in the table", () => {
  const self = processes.identify(Deno.pid);
  assert.ok(self !== null);
  assert.equal(processes.isAlive(self), true);
  const age = processes.ageMs(self);
  assert.ok(age !== null && age >= performance.now() - 1_000 && age < 3_600_000, `age ${age}`);
  const row = processes.table().find((row) => row.pid === Deno.pid);
  assert.equal(row?.startTime, self.startTime);
  assert.equal(row?.ppid, Deno.ppid);
});

Deno.test("processes: a reused pid, another boot and a process that ended are not the same process", async () => {
  const child = sleeper();
  const identity = processes.identify(child.pid);
  assert.ok(identity !== null);
  assert.equal(processes.isAlive(identity), true);
  assert.equal(processes.isAlive({ ...identity, startTime: "1" }), false);
  assert.equal(processes.ageMs({ ...identity, startTime: "1" }), null);
  if (Deno.build.os === "linux") assert.equal(processes.isAlive({ ...identity, bootId: "other" }), false);
  assert.equal(processes.signal(child.pid, "SIGKILL"), true);
  await child.status;
  assert.equal(processes.isAlive(identity), false);
  assert.equal(processes.identify(child.pid), null);
  assert.equal(processes.signal(child.pid, "SIGKILL"), false);
});

testUnless(NOT_LINUX, "processes: a zombie is dead", async () => {
  // The inner shell ends at once; the one around it has become `sleep`, which never waits for it.
  const parent = new Deno.Command("/bin/sh", {
    args: ["-c", "sh -c 'exit 0' & exec sleep 60"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const zombie = await eventually(
    () => processes.table().find((row) => row.ppid === parent.pid && row.state === "Z"),
    { what: "a zombie" },
  );
  const identity = processes.identify(zombie.pid);
  assert.ok(identity !== null);
  assert.equal(processes.isAlive(identity), false);
  const ps = new PsProcesses();
  const seenByPs = ps.identify(zombie.pid);
  assert.ok(seenByPs !== null);
  assert.equal(ps.isAlive(seenByPs), false);
  parent.kill("SIGKILL");
  await parent.status;
});

testUnless(NOT_LINUX, "processes: a marker is found by its exact entry only", async () => {
  const value = crypto.randomUUID();
  const marked = sleeper({ MARKER_OF_TEST: value });
  const others = [
    sleeper({ MARKER_OF_TEST: `${value}9` }),
    sleeper({ XMARKER_OF_TEST: value }),
    sleeper({ OTHER: `MARKER_OF_TEST=${value}` }),
  ];
  const found = await eventually(
    () => {
      const pids = processes.withMarker("MARKER_OF_TEST", value);
      return pids.length > 0 ? pids : null;
    },
    { what: "the marked process" },
  );
  assert.deepEqual(found, [marked.pid]);
  for (const child of [marked, ...others]) {
    child.kill("SIGKILL");
    await child.status;
  }
});

Deno.test("processes: a group is signalled as one; pids of 1 and below never are", async () => {
  const child = sleeper();
  assert.equal(processes.table().find((row) => row.pid === child.pid)?.pgid, child.pid);
  assert.equal(processes.signalGroup(child.pid, "SIGTERM"), true);
  assert.equal((await child.status).signal, "SIGTERM");
  for (const pid of [1, 0, -1]) {
    assert.equal(processes.signal(pid, "SIGTERM"), false);
    assert.equal(processes.signalGroup(pid, "SIGTERM"), false);
  }
});

Deno.test("uptime: counts from the boot of the machine, also where a container has one of its own", () => {
  assert.equal(uptimeSkew({ ageMs: 5_000, knownAgeMs: 5_400 }), 0);
  assert.equal(uptimeSkew({ ageMs: -3_600_000, knownAgeMs: 5_000 }), 3_605_000);
});

Deno.test("parseStat: a name with spaces, parentheses and newlines", () => {
  const text = `4321 (a) b (c\n) ) S 1 4320 4319 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 10 20\n`;
  assert.deepEqual(parseStat(text), {
    pid: 4321,
    ppid: 1,
    pgid: 4320,
    sid: 4319,
    startTime: "987654",
    state: "S",
    command: "a) b (c\n) ",
  });
  assert.equal(parseStat(""), null);
  assert.equal(parseStat("12 (sh) S 1"), null);
});

Deno.test("parsePs: macOS columns, days of running time, no session, names with spaces", () => {
  const text = [
    "  501     1   501      0 Ss   03-04:05:06 Tue Jan  7 10:20:30 2031     /Applications/Some App.app/bin/app",
    "  777   501   777 1a2b3c Z+      00:07 Wed Jan 22 01:02:03 2031     (sh)",
    "not a process",
    "",
  ].join("\n");
  assert.deepEqual(parsePs(text), [
    {
      pid: 501,
      ppid: 1,
      pgid: 501,
      sid: 501,
      startTime: "Tue Jan 7 10:20:30 2031",
      state: "Ss",
      command: "/Applications/Some App.app/bin/app",
      ageMs: (3 * 86_400 + 4 * 3_600 + 5 * 60 + 6) * 1000,
    },
    {
      pid: 777,
      ppid: 501,
      pgid: 777,
      sid: 777,
      startTime: "Wed Jan 22 01:02:03 2031",
      state: "Z+",
      command: "(sh)",
      ageMs: 7_000,
    },
  ]);
});

testUnless(NOT_LINUX, "PsProcesses: agrees with the system's own about who is there", async () => {
  const ps = new PsProcesses();
  const linux = new LinuxProcesses();
  const child = sleeper();
  // Asleep: what it does until then is not the same for two who look one after the other.
  const row = await eventually(
    () => {
      const seen = ps.table().find((row) => row.pid === child.pid);
      return seen?.command === "sleep" && seen.state.startsWith("S") ? seen : null;
    },
    { what: "the child in the table of ps" },
  );
  const expected = linux.table().find((row) => row.pid === child.pid);
  assert.deepEqual(
    { ...row, startTime: "", state: row.state.charAt(0) },
    { ...expected, startTime: "" },
  );
  const identity = ps.identify(child.pid);
  assert.ok(identity !== null && ps.isAlive(identity) && ps.ageMs(identity) !== null);
  child.kill("SIGKILL");
  await child.status;
  assert.equal(ps.isAlive(identity), false);
});
