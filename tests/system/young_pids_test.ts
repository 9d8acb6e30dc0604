import assert from "node:assert/strict";
import { LinuxProcesses } from "../../src/system/processes/linux_processes.ts";
import { isGenuine, isIn, readMark, readNow, youngPids } from "../../src/system/processes/young_pids.ts";
import { eventually } from "../support/eventually.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";

const MAX = 32_768;

function range(lastPid: number, forks: number, firstPid: number) {
  return youngPids({ mark: { lastPid: 1_000, forks: 5_000 }, firstPid }, { lastPid, forks }, MAX);
}

Deno.test("youngPids: from the process that was begun first to the one that was begun last", () => {
  assert.deepEqual(range(1_040, 5_060, 1_001), { first: 1_001, last: 1_040 });
  assert.deepEqual(
    youngPids({ mark: { lastPid: 32_760, forks: 0 }, firstPid: 32_761 }, { lastPid: 310, forks: 400 }, MAX),
    { first: 32_761, last: 310 },
  );
});

Deno.test("youngPids: what cannot be so, or can have gone around, is no range", () => {
  // More pids were given than processes begun; a range without the first process; the numbers of another machine.
  assert.equal(range(1_040, 5_010, 1_001), null);
  assert.equal(range(1_040, 5_060, 1_041), null);
  assert.equal(range(1_040, 4_000, 1_001), null);
  // So many were begun that the pids may have been given twice.
  assert.equal(range(1_040, 5_000 + MAX / 2, 1_001), null);
});

Deno.test("youngPids: what begins while the counters are read makes no period unknown", () => {
  const proc = Deno.makeTempDirSync();
  const { readTextFileSync } = Deno;
  let begun = 0;
  let perReading = 1;
  Deno.readTextFileSync = (path) => {
    const text = String(path).endsWith("/stat")
      ? `processes ${70_000 + begun}\n`
      : `0.14 0.19 0.20 1/88 ${6_000 + begun}\n`;
    begun += perReading;
    return text;
  };
  try {
    for (const [atMark, atEnd] of [[1, 0], [0, 1], [1, 1]] as const) {
      perReading = atMark;
      const mark = readMark(proc);
      begun++;
      const firstPid = 6_000 + begun;
      perReading = atEnd;
      const now = readNow(proc);
      assert.ok(mark !== null && now !== null);
      const range = youngPids({ mark, firstPid }, now, MAX);
      assert.ok(range !== null && isIn(range, firstPid), JSON.stringify({ atMark, atEnd }));
    }
  } finally {
    Deno.readTextFileSync = readTextFileSync;
    Deno.removeSync(proc);
  }
});

Deno.test("isIn: a range that begins anew has two ends", () => {
  const around = { first: 32_761, last: 310 };
  assert.deepEqual([32_761, 32_768, 300, 310].map((pid) => isIn(around, pid)), [true, true, true, true]);
  assert.deepEqual([32_760, 311, 1_000].map((pid) => isIn(around, pid)), [false, false, false]);
});

Deno.test("readMark, isGenuine: a machine that does not tell, or that somebody speaks for, is not believed", () => {
  const proc = Deno.makeTempDirSync();
  try {
    assert.equal(readMark(proc), null);
    assert.equal(isGenuine(proc), false);
    Deno.writeTextFileSync(`${proc}/loadavg`, "0.14 0.19 0.20 1/88 6105\n");
    Deno.writeTextFileSync(`${proc}/stat`, "cpu 1 2\nprocesses 70012\nprocs_running 1\n");
    for (const read of [readMark, readNow]) {
      assert.deepEqual(read(proc), { lastPid: 6_105, forks: 70_012 });
    }
    Deno.mkdirSync(`${proc}/self`);
    const line = "36 35 0:30 /proc/loadavg /proc/loadavg rw - fuse.lxcfs lxcfs rw\n";
    Deno.writeTextFileSync(`${proc}/self/mountinfo`, "22 1 0:20 / /proc rw - proc proc rw\n");
    assert.equal(isGenuine(proc), true);
    Deno.writeTextFileSync(`${proc}/self/mountinfo`, line);
    assert.equal(isGenuine(proc), false);
  } finally {
    Deno.removeSync(proc, { recursive: true });
  }
});

testUnless(
  NOT_LINUX,
  "LinuxProcesses: of the young only those that began after the mark, marker or not",
  async () => {
    const processes = new LinuxProcesses();
    const spawn = (word: string) =>
      new Deno.Command("/bin/sh", { args: ["-c", "exec sleep 60"], env: { AGENT_ASYNC_TEST_MARK: word } })
        .spawn();
    const word = crypto.randomUUID();
    const old = spawn(word);
    const mark = processes.mark();
    const young = spawn(word);
    try {
      if (mark === null) {
        assert.equal(isGenuine(), false);
        return;
      }
      const youth = { mark, firstPid: young.pid };
      // While the shell becomes `sleep` it has no environment.
      await eventually(() => [old, young].every(({ pid }) => nameOf(pid) === "sleep"), { what: "both" });
      assert.deepEqual(processes.withMarker("AGENT_ASYNC_TEST_MARK", word, youth), [young.pid]);
      assert.ok(!processes.table(youth).some(({ pid }) => pid === old.pid || pid === Deno.pid));
      assert.ok(processes.table(youth).some(({ pid }) => pid === young.pid));
      // All of them where it cannot be told.
      const all = processes.withMarker("AGENT_ASYNC_TEST_MARK", word, { mark, firstPid: old.pid });
      assert.deepEqual(new Set(all), new Set([old.pid, young.pid]));
      const found = await processes.findMarker("AGENT_ASYNC_TEST_MARK", word);
      assert.deepEqual(new Set(found), new Set([old.pid, young.pid]));
    } finally {
      for (const child of [old, young]) {
        child.kill("SIGKILL");
        await child.status;
      }
    }
  },
);

function nameOf(pid: number): string {
  return Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
}
