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
const FAULTS = /^ ERRORS $/m;
const IGNORED = /^(.+) \.\.\. ignored\b/gm;

/** The last summary in `output`; `null` when there is none, as after a failed type check. */
export function readSummary(output: string): TestSummary | null {
  const last = [...plain(output).matchAll(SUMMARY)].at(-1);
  return last === undefined ? null : { passed: Number(last[1]), failed: Number(last[2]) };
}

/** The part of `output` that tells of failed tests; "" when there is none. */
export function readFaults(output: string): string {
  const text = plain(output);
  const at = text.search(FAULTS);
  return at < 0 ? "" : text.slice(at);
}

/** Names of tests that were not run. */
export function readIgnored(output: string): string[] {
  return [...plain(output).matchAll(IGNORED)].map(([, name = ""]) => name);
}

export interface Duration {
  readonly name: string;
  readonly ms: number;
}

const ENDED = /^(\S.*) \.\.\. (?:ok|FAILED)(?: \(due to .*\))? \((?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?\)$/gm;

/** How long each test took, its steps included, as exactly as `deno test` says it. */
export function readDurations(output: string): Duration[] {
  return [...plain(output).matchAll(ENDED)].map(([, name = "", minutes = "0", seconds = "0", ms = "0"]) => ({
    name,
    ms: Number(minutes) * 60_000 + Number(seconds) * 1_000 + Number(ms),
  }));
}

/** The `most` that took longest, a second at least, one line each, the longest first. */
export function slowestLines(durations: readonly Duration[], most: number): string[] {
  return durations.filter(({ ms }) => ms >= 1_000).sort((a, b) => b.ms - a.ms).slice(0, most)
    .map(({ name, ms }) => `${String(Math.round(ms / 1_000)).padStart(5)} s  ${name}`);
}

/** Of one run. One without a summary, or one that `deno test` itself calls failed, has at least one failure. */
export function countsOf(summary: TestSummary | null, exitCode: number): TestSummary {
  const { passed, failed } = summary ?? { passed: 0, failed: 0 };
  return { passed, failed: exitCode === 0 && summary !== null ? failed : Math.max(1, failed) };
}

/** Of several runs: one plain line and the exit code, 0 only when all passed and at least one ran. */
export function verdict(runs: readonly TestSummary[]): { line: string; code: number } {
  const passed = runs.reduce((sum, run) => sum + run.passed, 0);
  const failed = runs.reduce((sum, run) => sum + run.failed, 0);
  return { line: `${passed} passed, ${failed} failed`, code: failed === 0 && passed > 0 ? 0 : 1 };
}

function plain(output: string): string {
  return output.replace(COLOURS, "");
}
