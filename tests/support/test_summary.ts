/**
 * Support for tests: what `deno test` says at its end.
 *
 * @module
 */

export interface TestSummary {
  passed: number;
  failed: number;
}

// deno-lint-ignore no-control-regex -- colours are what this removes
const COLOURS = /\x1b\[[0-9;]*m/g;
const SUMMARY = /^(?:ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed/gm;

/** The last summary in `output`; `null` when there is none, as after a failed type check. */
export function readSummary(output: string): TestSummary | null {
  const last = [...output.replace(COLOURS, "").matchAll(SUMMARY)].at(-1);
  return last === undefined ? null : { passed: Number(last[1]), failed: Number(last[2]) };
}

/**
 * One plain line and the exit code: 0 only when all passed and at least one ran. A run without a summary, or one that
 * `deno test` itself calls failed, has at least one failure.
 */
export function verdict(summary: TestSummary | null, exitCode: number): { line: string; code: number } {
  const passed = summary?.passed ?? 0;
  const failed = summary?.failed ?? 0;
  const isGood = exitCode === 0 && failed === 0 && passed > 0;
  const counted = isGood ? 0 : Math.max(failed, exitCode === 0 && passed === 0 ? 0 : 1);
  return { line: `${passed} passed, ${counted} failed`, code: isGood ? 0 : 1 };
}
