/**
 * Tests of the test command: how it counts, and that it leaves no file out.
 *
 * @module
 */
import assert from "node:assert/strict";
import { batchesOf, runInLanes, testFiles } from "./support/test_batches.ts";
import { stalePlaces, suiteOf } from "./support/rooms.ts";
import { readRequest } from "./support/test_request.ts";
import {
  countsOf,
  readDurations,
  readFaults,
  readIgnored,
  readSummary,
  slowestLines,
  verdict,
} from "./support/test_summary.ts";
import { fromFileUrl } from "./support/from_file_url.ts";
import { pidIn, sendSignal, signalGroup, signalIfAlive } from "./support/signals.ts";

Deno.test("test summary: the last one counts, with colours, steps and ignored tests in it", () => {
  const cases: [string, ReturnType<typeof readSummary>][] = [
    ["ok | 3 passed | 0 failed (1s)\n", { passed: 3, failed: 0 }],
    ["\x1b[0m\x1b[31mFAILED\x1b[0m | 5 passed | 1 failed \x1b[38;5;245m(48ms)\x1b[0m\n", {
      passed: 5,
      failed: 1,
    }],
    ["ok | 12 passed (4 steps) | 0 failed | 2 ignored | 7 filtered out (3s)\n", { passed: 12, failed: 0 }],
    ["ok | 1 passed | 0 failed (1s)\nnoise\nFAILED | 2 passed | 2 failed (1s)\n", { passed: 2, failed: 2 }],
    ["error: Type checking failed.\n", null],
    ["", null],
  ];
  for (const [output, summary] of cases) assert.deepEqual(readSummary(output), summary);
});

Deno.test("test summary: a run that failed has a failure, whatever it counted", () => {
  assert.deepEqual(countsOf({ passed: 3, failed: 0 }, 0), { passed: 3, failed: 0 });
  assert.deepEqual(countsOf({ passed: 3, failed: 2 }, 1), { passed: 3, failed: 2 });
  assert.deepEqual(countsOf({ passed: 3, failed: 0 }, 1), { passed: 3, failed: 1 });
  assert.deepEqual(countsOf(null, 1), { passed: 0, failed: 1 });
  assert.deepEqual(countsOf(null, 0), { passed: 0, failed: 1 });
});

Deno.test("test summary: good only when all runs passed and at least one test ran", () => {
  const good = { passed: 3, failed: 0 };
  assert.deepEqual(verdict([good]), { line: "3 passed, 0 failed", code: 0 });
  assert.deepEqual(verdict([good, { passed: 1, failed: 2 }]), { line: "4 passed, 2 failed", code: 1 });
  assert.deepEqual(verdict([good, { passed: 0, failed: 0 }]), { line: "3 passed, 0 failed", code: 0 });
  assert.deepEqual(verdict([{ passed: 0, failed: 0 }]), { line: "0 passed, 0 failed", code: 1 });
  assert.deepEqual(verdict([]), { line: "0 passed, 0 failed", code: 1 });
});

Deno.test("test summary: faults and tests that were not run are found in it", () => {
  const output = "\x1b[38;5;245mrunning 2 tests\x1b[0m\na ... \x1b[32mok\x1b[0m (1ms)\n" +
    "b (no such tool) ... \x1b[33mignored\x1b[0m (0ms)\n";
  assert.deepEqual(readIgnored(output), ["b (no such tool)"]);
  assert.equal(readFaults(output), "");
  const faults = " ERRORS \n\nc => x\n";
  assert.equal(readFaults(`${output}\n\x1b[1m\x1b[41m ERRORS \x1b[0m\n\nc => x\n`), faults);
});

Deno.test("test summary: the slowest tests, with their steps but without those of a moment", () => {
  const output = "\x1b[38;5;245mrunning 2 tests\x1b[0m\na ... \x1b[32mok\x1b[0m (12ms)\n" +
    "b, with ... dots in it ...\n  step ... ok (2s)\nb, with ... dots in it ... ok (3s)\n" +
    "c ... FAILED (1m2s)\nd ... ignored (0ms)\ne ... FAILED (due to 1 failed step) (2s)\n";
  const durations = readDurations(output);
  assert.deepEqual(durations, [
    { name: "a", ms: 12 },
    { name: "b, with ... dots in it", ms: 3_000 },
    { name: "c", ms: 62_000 },
    { name: "e", ms: 2_000 },
  ]);
  assert.deepEqual(slowestLines(durations, 2), ["   62 s  c", "    3 s  b, with ... dots in it"]);
});

const TESTS = fromFileUrl(new URL(".", import.meta.url)).replace(/[\\/]$/, "");

Deno.test("test rooms: folders with tests in them; slow files are a batch of their own and begin first", () => {
  const suite = suiteOf(TESTS);
  for (const room of ["kernel", "mcp", "e2e"]) assert.ok(suite.rooms.includes(room), room);
  assert.ok(!suite.rooms.includes("support"));
  assert.deepEqual([...suite.all].sort(), testFiles(TESTS));
  assert.deepEqual(suite.all.slice(0, suite.slow.length), suite.slow);
  assert.deepEqual(stalePlaces(TESTS), []);
  // A room is quick unless all of it is slow; what it leaves out is in the other batch.
  assert.ok(suite.of("agents").every((file) => !suite.slow.includes(file)));
  assert.ok(
    suite.leftOut("agents").length > 0 && suite.leftOut("agents").every((file) => suite.slow.includes(file)),
  );
  assert.ok(suite.of("e2e").length > 0 && suite.of("e2e").every((file) => suite.slow.includes(file)));
  assert.deepEqual(suite.leftOut("e2e"), []);
  const reached = new Set([...suite.rooms.flatMap(suite.of), ...suite.slow]);
  const atTheTop = testFiles(TESTS).filter((file) => !file.slice(TESTS.length + 1).includes("/"));
  assert.deepEqual([...reached, ...atTheTop].sort(), testFiles(TESTS));
});

Deno.test("test request: rooms, options and paths; an unknown room is refused with the list", () => {
  const suite = suiteOf(TESTS);
  assert.deepEqual(readRequest([], suite), { kind: "all" });
  const files = [...suite.of("kernel"), ...suite.of("mcp")];
  const rooms = readRequest(["kernel", "mcp", "--filter", "launch"], suite);
  assert.deepEqual(rooms, { kind: "rooms", files, options: ["--filter", "launch"], leftOut: [] });
  const slow = readRequest(["agents", "slow"], suite);
  assert.ok(slow.kind === "rooms");
  assert.deepEqual(slow.files, [...suite.of("agents"), ...suite.slow]);
  assert.deepEqual(slow.leftOut, []);
  for (
    const args of [["tests/domain", "--filter", "usage"], ["--filter", "usage"], ["tests/doors_test.ts"]]
  ) {
    assert.deepEqual(readRequest(args, suite), { kind: "given", args });
  }
  const refused = readRequest(["kernel", "kernal"], suite);
  assert.ok(refused.kind === "refused");
  assert.match(refused.message, /no room kernal in tests\/. There are: agents, .*kernel, .*mcp, .*, slow$/);
  const help = readRequest(["kernel", "--help"], suite);
  assert.ok(help.kind === "help");
  assert.match(help.text, /deno task test ROOM[^]*deno task test slow[^]*Rooms: agents, /);
});

Deno.test("tests: the path of a file is never its URL's pathname, which encodes blanks", () => {
  const sources = testFiles(TESTS, ".ts");
  assert.ok(sources.length > 300);
  const ofRequests = [
    "model/server.ts",
    "support/served_release.ts",
    "mcp/reference_test.ts",
    "test_command_test.ts",
  ];
  const faulty = sources.filter((path) =>
    !ofRequests.some((name) => path.endsWith(`/tests/${name}`)) &&
    Deno.readTextFileSync(path).includes(".pathname")
  );
  assert.deepEqual(faulty, []);
});

Deno.test("test command: an unknown room is refused before anything runs, and --help runs nothing", async () => {
  const run = async (...args: string[]) => {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", `${TESTS}/run.ts`, ...args],
      stdin: "null",
    });
    const { code, stdout, stderr } = await command.output();
    return [code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)] as const;
  };
  const [code, , complaint] = await run("kernal");
  assert.deepEqual([code, complaint.startsWith("There is no room kernal in tests/")], [2, true]);
  const [helped, text] = await run("--help");
  assert.deepEqual([helped, text.startsWith("Usage: deno task test")], [0, true]);
});

Deno.test("test batches: all files of the suite, each once", () => {
  const files = testFiles(fromFileUrl(new URL(".", import.meta.url)));
  assert.ok(files.some((path) => path.endsWith("test_command_test.ts")));
  assert.deepEqual(batchesOf(files).flat(), files);
  assert.deepEqual(batchesOf([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
});

Deno.test("lanes: so many at a time, and the results in the order of the items", async () => {
  let running = 0;
  let most = 0;
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const results = runInLanes([0, 1, 2, 3, 4], {
    lanes: 2,
    work: async (item) => {
      most = Math.max(most, ++running);
      await gates[item]?.promise;
      running -= 1;
      return item * 10;
    },
  });
  for (const gate of gates.reverse()) gate.resolve();
  assert.deepEqual(await results, [0, 10, 20, 30, 40]);
  assert.equal(most, 2);
});

Deno.test("signals of tests: a pid that is not written yet is none, and what is none is not signalled", () => {
  const path = Deno.makeTempFileSync();
  try {
    assert.equal(pidIn(`${path}.absent`), null);
    // A shell makes the file, then writes into it.
    for (const part of ["", "12"]) {
      Deno.writeTextFileSync(path, part);
      assert.equal(pidIn(path), null);
    }
    Deno.writeTextFileSync(path, "123 456 boot\n");
    assert.equal(pidIn(path), 123);
    for (const pid of [0, 1, -1, Number.NaN, 1.5]) {
      // SIGCONT, so that nobody is hurt where it is sent after all.
      for (const send of [sendSignal, signalGroup, signalIfAlive]) {
        assert.throws(() => send(pid, "SIGCONT"), RangeError, `${send.name} ${pid}`);
      }
    }
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("signals of tests: none is sent but through their one place", () => {
  const top = fromFileUrl(new URL(".", import.meta.url)).replace(/[\\/]$/, "");
  const senders = testFiles(top, ".ts").filter((path) =>
    // To itself is no danger to others.
    /\bDeno\.kill\((?!Deno\.pid)/.test(Deno.readTextFileSync(path))
  );
  assert.deepEqual(senders.map((path) => path.slice(top.length + 1).replaceAll("\\", "/")), [
    "support/signals.ts",
  ]);
});
