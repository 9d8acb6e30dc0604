/**
 * Tests of room `cli`: `stats`: tables, bars, amounts.
 *
 * @module
 */
import assert from "node:assert/strict";
import { costText, tokensText } from "../../src/cli/render/amounts.ts";
import { barText } from "../../src/cli/render/bar.ts";
import { displayWidth } from "../../src/cli/render/width.ts";
import { type JobFact, statistics, StatisticsGrouping } from "../../src/domain/statistics.ts";
import { ScriptedService } from "../support/scripted_service.ts";
import { commandLine, NOW } from "./command_line.ts";

const DAY = 86_400_000;

const NONE = { running: 0, pending: 0 };

function job(agent: string, seconds: number, change: Partial<JobFact> = {}): JobFact {
  const finishedAt = change.finishedAt ?? NOW;
  const usage = { input_tokens: 40_000, cached_input_tokens: 0, output_tokens: 1_000, total_tokens: 41_000 };
  const turn = { agent, model: `${agent}-1`, finishedAt, seconds, usage, commandsRun: 2 };
  return {
    agent,
    model: `${agent}-1`,
    cwd: "/home/user/site/docs",
    project: "/home/user/site",
    finishedAt,
    status: "done",
    reason: "completed",
    turns: [turn],
    ...change,
  };
}

const JOBS = [
  ...Array.from({ length: 12 }, (_, n) => job("codex", 30 + n)),
  job("codex", 7_200, { status: "error", reason: "timed_out", finishedAt: NOW - 2 * DAY }),
  job("claude", 61, { cwd: "/srv/日本\x1b[31m" }),
  job("claude", 3, { status: "cancelled", reason: "cancelled" }),
];

function serviceOf(jobs: readonly JobFact[], unended = NONE): ScriptedService {
  return new ScriptedService({
    stats: ({ by = "agent", days = 30 }) =>
      Promise.resolve(statistics(jobs, { by, days, timeZone: "UTC", now: NOW })),
    list: ({ status }) => Promise.resolve({ jobs: [], total: unended[status as "running" | "pending"] }),
  });
}

async function stats(args: readonly string[], columns?: number, jobs = JOBS, unended = NONE) {
  const { code, stdout } = await commandLine(["stats", ...args], {
    service: serviceOf(jobs, unended),
    ...(columns === undefined ? {} : { isTerminal: true, columns }),
  });
  assert.equal(code, 0);
  return stdout;
}

Deno.test("stats: by agent, with a bar for how the jobs ended", async () => {
  assert.equal(
    await stats([], 80),
    `\
From 2025-12-03 to 2026-01-01: 15 jobs, 87 % done, 2 h 8 m of work, 615 k tokens

AGENT   JOBS                                DONE  TURNS     TIME  MEDIAN  TOKENS
codex     13  ██████████████████████████▒▒  92 %     13  2 h 7 m    36 s   533 k
claude     2  ██░░                          50 %      2  1 m 4 s     3 s  82.0 k

█ 13 done   ▒ 1 failed (1 timed_out)   ░ 1 cancelled
`,
  );
});

Deno.test("stats: by day, from the first day with a job on", async () => {
  const days = (await stats(["--by", "day", "-d", "7"])).split("\n").slice(3, 6);
  assert.deepEqual(days.map((line) => line.slice(0, 16)), [
    "2025-12-30     1",
    "2025-12-31     0",
    "2026-01-01    14",
  ]);
});

Deno.test("stats: directories are plain text and short; every line keeps to the width", async () => {
  const text = await stats(["-b", "directory"], 60);
  assert.match(text, /^~\/site\/docs +14/m);
  assert.match(text, /^\/srv\/日本 +1/m);
  for (const by of StatisticsGrouping.options) {
    for (const columns of [60, 72, 80, 200]) {
      for (const line of (await stats(["-b", by], columns)).split("\n")) {
        assert.ok(displayWidth(line) <= columns, `${columns}: ${line}`);
      }
    }
  }
});

Deno.test("stats: by model and by project, with the money of each row", async () => {
  const paid = job("claude", 61, { project: "/srv/shop" });
  const [turn] = paid.turns;
  assert.ok(turn);
  const jobs = [job("codex", 5), { ...paid, turns: [{ ...turn, usage: { ...turn.usage, cost_usd: 0.5 } }] }];
  const models = await stats(["-b", "model"], 120, jobs);
  assert.match(models, /^MODEL .* COST$/m);
  assert.match(models, /^claude-1 +1 .*41\.0 k +\$0\.5000$/m);
  assert.match(models, /^codex-1 +1 .*41\.0 k +\?$/m);
  assert.match(await stats(["-b", "project"], 120, jobs), /^~\/site +1 [^]*^\/srv\/shop +1 /m);
});

Deno.test("stats: jobs that have not ended are told, though no sum counts them", async () => {
  const all = { running: 2, pending: 1 };
  const said = /\n2 running and 1 waiting, not counted since they have not ended\n$/;
  assert.match(await stats([], 80, JOBS, all), said);
  assert.match(await stats([], 80, [], all), said);
  assert.match(
    await stats([], 80, JOBS, { running: 1, pending: 0 }),
    /\n1 running, not counted since it has not ended\n$/,
  );
  const { running, pending } = JSON.parse(await stats(["--json"], undefined, JOBS, all));
  assert.deepEqual({ running, pending }, all);
});

Deno.test("stats: nothing is said in a sentence, JSON is the service's answer", async () => {
  assert.equal(await stats([], 80, []), "From 2025-12-03 to 2026-01-01 no job ended that is still kept.\n");
  assert.deepEqual(
    JSON.parse(await stats(["--json", "-d", "1"])),
    JSON.parse(
      JSON.stringify({ ...statistics(JOBS, { by: "agent", days: 1, timeZone: "UTC", now: NOW }), ...NONE }),
    ),
  );
});

Deno.test("stats: wrong values are refused with what is allowed", async () => {
  for (
    const [args, said] of [[["-b", "x"], /--by: must be one of agent, model, day, directory, project/], [
      ["-d", "0"],
      /1 to 366/,
    ]] as const
  ) {
    const { code, stderr } = await commandLine(["stats", ...args]);
    assert.equal(code, 2);
    assert.match(stderr, said);
  }
});

Deno.test("amounts: tokens and money as people say them", () => {
  assert.deepEqual([0, 999, 1_000, 12_345, 99_960, 999_600, 2_500_000, 3e9].map(tokensText), [
    "0",
    "999",
    "1.0 k",
    "12.3 k",
    "100 k",
    "1.0 M",
    "2.5 M",
    "3.0 G",
  ]);
  assert.deepEqual([0, 0.0123, 12.3].map(costText), ["$0.00", "$0.0123", "$12.30"]);
});

Deno.test("bar: what is there is seen, and never more than the width", () => {
  const part = (amount: number, glyph: string) => ({ amount, glyph, paint: (text: string) => text });
  assert.equal(barText([part(999, "#"), part(1, "x"), part(0, "o")], 1_000, 10), "#########x");
  assert.equal(barText([part(0, "#")], 10, 10), "");
  assert.equal(barText([part(5, "#")], 0, 10), "");
});

Deno.test("stats: money by price is told with its table, unknown prices are counted, and checks by how they went", async () => {
  const spent = { costUsd: 1.5, prices: "@pydantic/genai-prices 0.1.8 of 2026-09-23" };
  const [first, ...rest] = [job("codex", 30), job("claude", 31)];
  const turns = first?.turns.flatMap((turn) => [
    { ...turn, spent, check: "first" as const },
    { ...turn, usage: { ...turn.usage, cost_usd: 0.25 }, check: "never" as const },
  ]) ?? [];
  assert.equal(
    await stats([], undefined, [{ ...first ?? assert.fail(), turns }, ...rest]),
    `\
From 2025-12-03 to 2026-01-01: 2 jobs, 100 % done, 1 m 31 s of work, 123 k tokens, $1.75, $1.50 of them by the prices \
of @pydantic/genai-prices 0.1.8 of 2026-09-23, without 1 turn of unknown price

AGENT   JOBS                                   DONE  TURNS  TIME  MEDIAN  TOKENS   COST  CHECKS
claude     1  ██████████████████████████████  100 %      1  31 s    31 s  41.0 k      ?
codex      1  ██████████████████████████████  100 %      2   1 m    30 s  82.0 k  $1.75   1/0/1

█ 2 done
CHECKS 1/0/1: 1 passed at first, 0 after repairs, 1 never
`,
  );
});
