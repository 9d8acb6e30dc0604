/** Tests of room `domain`: what ended jobs add up to, by agent, day and directory. */
import assert from "node:assert/strict";
import { checkCourses } from "../../src/domain/job/check_course.ts";
import {
  type JobFact,
  MAX_STATISTICS_ROWS,
  ownTotals,
  Statistics,
  statistics,
  type TurnFact,
  UNKNOWN_MODEL,
} from "../../src/domain/statistics.ts";
import { NO_USAGE, type Usage } from "../../src/domain/turn/usage.ts";

const NOW = Date.parse("2026-03-30T10:00:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function tokens(input: number, output: number, cost?: number): Usage {
  return {
    ...NO_USAGE,
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    ...(cost === undefined ? {} : { cost_usd: cost }),
  };
}

function turn(change: Partial<TurnFact> = {}): TurnFact {
  return {
    agent: "codex",
    model: "m1",
    finishedAt: NOW,
    seconds: 10,
    usage: tokens(100, 10),
    commandsRun: 1,
    ...change,
  };
}

function job(change: Partial<JobFact> = {}): JobFact {
  return {
    agent: "codex",
    model: "m1",
    cwd: "/a",
    project: "/",
    finishedAt: NOW,
    status: "done",
    reason: "completed",
    turns: [turn()],
    ...change,
  };
}

const OPTIONS = { by: "agent", days: 30, timeZone: "UTC", now: NOW } as const;

Deno.test("statistics: nothing is nothing", () => {
  const none = {
    jobs: 0,
    done: 0,
    error: 0,
    cancelled: 0,
    turns: 0,
    commands_run: 0,
    total_seconds: 0,
    median_seconds: null,
    longest_seconds: null,
    usage: NO_USAGE,
    usage_known: 0,
    money: { usd: 0, priced_usd: 0, unknown_turns: 0 },
    checks: { first: 0, repaired: 0, never: 0 },
  };
  assert.deepEqual(statistics([], OPTIONS), {
    by: "agent",
    from: "2026-03-01",
    to: "2026-03-30",
    time_zone: "UTC",
    rows: [],
    rows_left_out: 0,
    total: none,
    reasons: {},
  });
});

Deno.test("statistics: a job counts for the agent it ended with, a turn for the one that ran it", () => {
  const all = statistics([
    job(),
    job({
      agent: "claude",
      turns: [turn({ seconds: 2 }), turn({ agent: "claude", seconds: 30, usage: tokens(5, 5, 0.25) })],
    }),
    job({ status: "error", reason: "timed_out", turns: [turn({ seconds: 3 })] }),
    job({ status: "cancelled", reason: "cancelled", turns: [] }),
  ], OPTIONS);
  assert.deepEqual(Statistics.parse(all), all);
  assert.deepEqual(
    all.rows.map(({ key, jobs, done, error, cancelled, turns, total_seconds, median_seconds }) => [
      key,
      [jobs, done, error, cancelled],
      turns,
      [total_seconds, median_seconds],
    ]),
    [["codex", [3, 1, 1, 1], 3, [15, 3]], ["claude", [1, 1, 0, 0], 1, [30, 30]]],
  );
  assert.deepEqual(all.rows.map(({ usage }) => [usage.total_tokens, usage.cost_usd]), [[330, undefined], [
    10,
    0.25,
  ]]);
  assert.deepEqual(all.reasons, { completed: 2, timed_out: 1, cancelled: 1 });
  assert.deepEqual([all.total.jobs, all.total.usage.total_tokens, all.total.longest_seconds], [4, 340, 30]);
});

Deno.test("statistics: by directory, the one with the most jobs first", () => {
  const { rows } = statistics([job(), job({ cwd: "/b" }), job({ cwd: "/b" })], {
    ...OPTIONS,
    by: "directory",
  });
  assert.deepEqual(rows.map(({ key, jobs }) => [key, jobs]), [["/b", 2], ["/a", 1]]);
});

Deno.test("statistics: by model, each turn for its own with its money, and what nobody told apart", () => {
  const { rows } = statistics([
    job({ model: "m2", turns: [turn(), turn({ model: "m2", usage: tokens(5, 5, 0.25) })] }),
    job({ model: "m2", turns: [turn({ model: "m2", usage: tokens(5, 5, 0.5) })] }),
    job({ model: null, turns: [turn({ model: null })] }),
  ], { ...OPTIONS, by: "model" });
  assert.deepEqual(
    rows.map(({ key, jobs, turns, usage }) => [key, jobs, turns, usage.total_tokens, usage.cost_usd]),
    [["m2", 2, 2, 20, 0.75], [UNKNOWN_MODEL, 1, 1, 110, undefined], ["m1", 0, 1, 110, undefined]],
  );
});

Deno.test("statistics: by project, directories of one work tree are one row", () => {
  const { rows } = statistics([
    job({ cwd: "/p/a", project: "/p" }),
    job({ cwd: "/p/b", project: "/p" }),
    job({ cwd: "/q", project: "/q" }),
  ], { ...OPTIONS, by: "project" });
  assert.deepEqual(rows.map(({ key, jobs }) => [key, jobs]), [["/p", 2], ["/q", 1]]);
});

Deno.test("statistics: by day, every day has a row, and days are those of the time zone", () => {
  const late = Date.parse("2026-03-29T23:30:00Z");
  const of = (timeZone: string) =>
    statistics([job({ finishedAt: late, turns: [turn({ finishedAt: late })] })], {
      ...OPTIONS,
      by: "day",
      days: 3,
      timeZone,
    }).rows.map(({ key, jobs, turns }) => [key, jobs, turns]);
  assert.deepEqual(of("UTC"), [["2026-03-28", 0, 0], ["2026-03-29", 1, 1], ["2026-03-30", 0, 0]]);
  assert.deepEqual(of("Europe/Berlin"), [["2026-03-28", 0, 0], ["2026-03-29", 0, 0], ["2026-03-30", 1, 1]]);
});

Deno.test("statistics: what ended before the first day is not counted, nor is a turn of then", () => {
  const old = NOW - 2 * DAY;
  const { total } = statistics([
    job({ finishedAt: old, turns: [turn({ finishedAt: old })] }),
    job({ turns: [turn({ finishedAt: old }), turn()] }),
  ], { ...OPTIONS, days: 2 });
  assert.deepEqual([total.jobs, total.turns], [1, 1]);
});

Deno.test("statistics: a time zone that nobody knows is refused", () => {
  assert.throws(() => statistics([], { ...OPTIONS, timeZone: "Mars/Base" }), RangeError);
});

Deno.test("statistics: rows are limited, and the total counts all", () => {
  const jobs = Array.from({ length: MAX_STATISTICS_ROWS + 5 }, (_, n) => job({ cwd: `/${n}` }));
  const { rows, rows_left_out, total } = statistics(jobs, { ...OPTIONS, by: "directory" });
  assert.deepEqual([rows.length, rows_left_out, total.jobs], [
    MAX_STATISTICS_ROWS,
    5,
    MAX_STATISTICS_ROWS + 5,
  ]);
});

Deno.test("statistics: what a turn used is what the totals grew by", () => {
  const totals = (usage: Usage, commands_run: number) => ({ usage, commands_run, files_changed: [] });
  assert.deepEqual(ownTotals(totals(tokens(10, 2), 3), null), { usage: tokens(10, 2), commandsRun: 3 });
  assert.deepEqual(ownTotals(totals(tokens(110, 12), 3), totals(tokens(10, 2), 1)), {
    usage: tokens(100, 10),
    commandsRun: 2,
  });
  // Totals that began again tell nothing of the turns before.
  assert.equal(ownTotals(totals(tokens(10, 2), 1), totals(tokens(10, 2), 3)).commandsRun, 0);
});

Deno.test("statistics: of two turns in the middle the shorter is the median", () => {
  const of = (...seconds: number[]) =>
    statistics([job({ turns: seconds.map((each) => turn({ seconds: each })) })], OPTIONS).total
      .median_seconds;
  assert.deepEqual([of(9), of(9, 1), of(9, 1, 5), of(9, 1, 5, 2)], [9, 1, 5, 2]);
});

Deno.test("statistics: money is what agents told and what prices make of tokens, and what nobody knows is counted", () => {
  const prices = "table 1 of 2026-01-01";
  const { rows, total } = statistics([
    job({
      turns: [
        turn({ usage: tokens(1, 1, 0.5) }),
        turn({ spent: { costUsd: 0.25, prices } }),
        turn({ spent: { costUsd: null } }),
      ],
    }),
    job({ agent: "claude", turns: [turn({ agent: "claude" })] }),
  ], OPTIONS);
  assert.deepEqual(rows.map(({ key, money }) => [key, money]), [
    ["claude", { usd: null, priced_usd: 0, unknown_turns: 1 }],
    ["codex", { usd: 0.75, priced_usd: 0.25, unknown_turns: 1, prices }],
  ]);
  assert.deepEqual(total.money, { usd: 0.75, priced_usd: 0.25, unknown_turns: 2, prices });
});

Deno.test("statistics: the course of a check counts once, in the turn that settled it", () => {
  const check = { command: "c", seconds: 1, attempts: 1, exit_code: 0 };
  const failed = { ...check, exit_code: 1 };
  const repair = { check: failed, repair_prompt: "mend it" };
  const form = { check, repair_prompt: "as JSON", is_form_repair: true as const };
  const after = (attempts: number) => ({ check: { ...check, attempts } });
  assert.deepEqual(checkCourses([{}, { check }, repair, after(2), repair, repair, after(3)]), [
    undefined,
    "first",
    undefined,
    "repaired",
    undefined,
    undefined,
    "repaired",
  ]);
  assert.deepEqual(checkCourses([{ check: failed }, { check: { ...failed, exit_code: null } }]), [
    "never",
    "never",
  ]);
  // The turn that was to mend it came to no check, or never ran.
  assert.deepEqual([checkCourses([repair, {}]), checkCourses([repair])], [["never", undefined], ["never"]]);
  assert.deepEqual([checkCourses([form, { check }]), checkCourses([form])], [[undefined, "first"], [
    "first",
  ]]);
  const { rows } = statistics([
    job({
      turns: [turn({ check: "first" }), turn({ check: undefined }), turn({ check: "never", model: "m2" })],
    }),
    job({ turns: [turn({ check: "repaired" })] }),
  ], { ...OPTIONS, by: "model" });
  assert.deepEqual(rows.map(({ key, checks }) => [key, checks]), [
    ["m1", { first: 1, repaired: 1, never: 0 }],
    ["m2", { first: 0, repaired: 0, never: 1 }],
  ]);
});
