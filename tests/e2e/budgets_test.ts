/** Budgets with the real Codex and Claude Code: warned, ended while they work, and going on with more. */
import assert from "node:assert/strict";
import { addFile, type Answer, answer, hang, shell, type Step, text } from "../model/scenario.ts";
import { AgentStage, fileIn, type StagedAgent } from "../support/agent_stage.ts";

/** What one answer of the model costs in tokens. */
const STEP = { usage: { input: 40_000, cached: 0, output: 100, reasoning: 0 } };

const WARNING = "Four fifths of the budget of this task are used";

function set(agent: StagedAgent, config: Record<string, unknown> = {}): Promise<AgentStage> {
  return AgentStage.set({ agents: [agent], config });
}

/** Small steps until the model has been told, then the one that is too much: when it is told is up to the machine. */
const untilWarned = (tooMuch: Answer[]): Step[] =>
  Array.from(
    { length: 200 },
    () => ({ body }) =>
      JSON.stringify(body).includes(WARNING)
        ? tooMuch.shift() ?? hang()
        : answer([shell("sleep 0.1")], { usage: { input: 10, cached: 0, output: 1, reasoning: 0 } }),
  );

/** Models with a price that the agent knows. */
const MODELS = { codex: "gpt-5.5", claude: undefined } as const;

for (const agent of ["codex", "claude"] as const) {
  const full = { approval_policy: "full-auto", model: MODELS[agent] } as const;

  Deno.test(`real ${agent}: at four fifths of its budget it is told, and at all of it ended; with more it goes on`, async () => {
    await using stage = await set(agent);
    const cwd = stage.state.workspace("job");
    stage.model.script("spend", [
      answer([shell("echo one >>log")], STEP),
      answer([shell("echo two >>log")], STEP),
      ...untilWarned([answer([shell("echo three >>log")], STEP)]),
    ]);
    const id = await stage.start(agent, "Spend. [[scenario spend]]", { ...full, cwd, max_tokens: 100_000 });
    const job = await stage.host.ended(id);
    assert.deepEqual([job.status, job.reason, job.turn], ["error", "budget_exceeded", 1], job.output);
    assert.match(job.error ?? "", /^The budget of the job is used up: 12\d{4} of 100000 tokens$/);
    assert.match(job.hint ?? "", /job_reply and a larger max_cost_usd or max_tokens/);
    // Ended in order: what it has used is known, and nothing of the turn is left.
    assert.ok((job.usage.total_tokens ?? 0) >= 120_000 && (job.usage.total_tokens ?? 0) < 130_000);
    assert.equal(fileIn(cwd, "log"), "one\ntwo\nthree\n", "three: the model was told of four fifths");
    stage.model.script("more", [answer([addFile(`${cwd}/more.txt`, "more\n")], STEP), text("It is done.")]);
    const refused = await stage.host.refused("job_reply", { job_id: id, prompt: "Go on. [[scenario more]]" });
    assert.match(refused, /budget is used up: 12\d{4} of 100000 tokens/);
    const next = await stage.reply(id, "Go on. [[scenario more]]", { max_tokens: 400_000 });
    assert.deepEqual([next.status, next.turn, next.result], ["done", 2, "It is done."], next.output);
    assert.equal(fileIn(cwd, "more.txt"), "more\n");
  });

  Deno.test(`real ${agent}: a budget of money ends it, and says by which prices`, async () => {
    await using stage = await set(agent);
    stage.model.script("spend", [
      ...Array.from({ length: 4 }, () => answer([shell("echo one >>log")], STEP)),
      answer([shell("exec sleep 600")], STEP),
      hang(),
    ]);
    const job = await stage.run(agent, "Spend. [[scenario spend]]", { ...full, max_cost_usd: 0.3 });
    assert.deepEqual([job.status, job.reason], ["error", "budget_exceeded"], job.output);
    assert.match(
      job.error ?? "",
      /^The budget of the job is used up: \$\d+\.\d{4} of \$0\.3 by the prices of @pydantic\/genai-prices [\d.]+ of [\d-]+$/,
    );
  });
}
