/**
 * Tests of the test command: how it counts.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readSummary, verdict } from "./support/test_summary.ts";

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

Deno.test("test summary: good only when all passed and at least one ran", () => {
  assert.deepEqual(verdict({ passed: 3, failed: 0 }, 0), { line: "3 passed, 0 failed", code: 0 });
  assert.deepEqual(verdict({ passed: 3, failed: 2 }, 1), { line: "3 passed, 2 failed", code: 1 });
  assert.deepEqual(verdict({ passed: 3, failed: 0 }, 1), { line: "3 passed, 1 failed", code: 1 });
  assert.deepEqual(verdict({ passed: 0, failed: 0 }, 0), { line: "0 passed, 0 failed", code: 1 });
  assert.deepEqual(verdict(null, 1), { line: "0 passed, 1 failed", code: 1 });
});
