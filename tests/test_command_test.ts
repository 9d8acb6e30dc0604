/**
 * Tests of the test command: how it counts, and that it leaves no file out.
 *
 * @module
 */
import assert from "node:assert/strict";
import { batchesOf, runInLanes, testFiles } from "./support/test_batches.ts";
import { countsOf, readFaults, readIgnored, readSummary, verdict } from "./support/test_summary.ts";
import { fromFileUrl } from "./support/from_file_url.ts";

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
