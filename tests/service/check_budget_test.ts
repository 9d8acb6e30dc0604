/** A repair is a further turn: where no budget is left for one, what the check has found stands. */
import assert from "node:assert/strict";
import { LocalHarness } from "../support/local_harness.ts";
import type { StartRequest } from "../../src/service/requests.ts";

/** Passes when `fixed.txt` is there; else tells the agent to make it. */
const WANTS_FIXED = "test -f fixed.txt || { echo change fixed.txt; echo say repaired; exit 3; }";

/** The scripted Codex, which uses 120 tokens a turn and tells it at the end. */
const ONE_WAY = { codex: { live: false } };

const CHECKED = { approval_policy: "full-auto", check: WANTS_FIXED, model: "gpt-4o" } as const;

const UNASKED = /was not asked to mend that, since a budget is used up/;

const CASES: {
  name: string;
  config?: Record<string, unknown>;
  over: Partial<StartRequest>;
  turns: number;
}[] = [
  { name: "tokens are left", over: { max_tokens: 1_000 }, turns: 2 },
  { name: "no tokens are left", over: { max_tokens: 100 }, turns: 1 },
  { name: "no money is left", over: { max_cost_usd: 0.0001 }, turns: 1 },
  { name: "no money of the day is left", config: { budgets: { day_usd: 0.0001 } }, over: {}, turns: 1 },
];

for (const { name, config = {}, over, turns } of CASES) {
  Deno.test(`check: a repair is asked for as long as a budget is left: ${name}`, async () => {
    await using harness = await LocalHarness.start({ agents: ONE_WAY, ...config });
    const { job_id } = await harness.run("change made.txt\nsay done", { ...CHECKED, ...over });
    const job = await harness.ended(job_id);
    const { attempts, exit_code } = job.evidence?.check ?? {};
    const expected = turns === 2 ? ["done", "completed", 2, 2, 0] : ["error", "check_failed", 1, 1, 3];
    assert.deepEqual([job.status, job.reason, job.turn, attempts, exit_code], expected);
    assert.equal(job.result, turns === 2 ? "repaired" : "done");
    assert.equal(UNASKED.test(job.evidence?.doubts.join(" ") ?? ""), turns === 1);
  });

  Deno.test(`result_schema: another form is asked for as long as a budget is left: ${name}`, async () => {
    await using harness = await LocalHarness.start({ agents: ONE_WAY, ...config });
    const { job_id } = await harness.run("say no data", {
      approval_policy: "full-auto",
      model: "gpt-4o",
      result_schema: { type: "object" },
      ...over,
    });
    const job = await harness.ended(job_id);
    assert.deepEqual([job.status, job.turn], ["done", turns]);
    const doubts = job.evidence?.doubts.join(" ") ?? "";
    assert.match(doubts, /The answer is not valid by result_schema: /);
    assert.equal(UNASKED.test(doubts), turns === 1);
  });
}
