/** A race through the real program: scripted agents, real repositories, who passes and what becomes of the work. */
import assert from "node:assert/strict";
import { z } from "zod";
import { JobResult } from "../../src/domain/job/result.ts";
import { exists } from "../support/exists.ts";
import { runProgram, shutDown } from "../support/program.ts";
import { makeRepository } from "../support/repository.ts";
import { makeStateHome } from "../support/state_home.ts";

const Race = z.object({
  group: z.string(),
  jobs: z.array(JobResult),
  winner: JobResult.nullable(),
  applied: z.boolean(),
  why: z.string().optional(),
});

/** An agent that does what its script says, whatever it is asked. */
const agent = (script: string) => ({
  command: "/bin/sh",
  args: ["-c", `cat >/dev/null; ${script}`],
  output: "text",
  version_args: ["-c", "echo 1.0"],
  policy_args: { suggest: [], "auto-edit": [], "full-auto": [] },
});

async function raceOf(agents: Record<string, unknown>) {
  const state = makeStateHome({ agents });
  await makeRepository(state.cwd);
  Deno.writeTextFileSync(
    `${state.home}/config.json`,
    JSON.stringify({ agents, projects: { [state.cwd]: { checks: { good: "grep -q good made.txt" } } } }),
  );
  return {
    state,
    run: (...args: string[]) => runProgram(state, args),
    async [Symbol.asyncDispose]() {
      await shutDown(state);
      await state[Symbol.asyncDispose]();
    },
  };
}

Deno.test("race: of three the one that passes its check wins, its work is taken over and the others' places go", async () => {
  await using race = await raceOf({
    bad: agent("echo bad >made.txt; echo done"),
    good: agent("echo good >made.txt; echo done"),
    dead: agent("echo no; exit 3"),
  });
  const { cwd } = race.state;
  const all = ["race", "-a", "bad", "-a", "good", "-a", "dead", "--check", "good", "-C", cwd];
  const { code, stdout, stderr } = await race.run(...all, "--apply", "winner", "--json", "make it");
  assert.equal(code, 0, stderr);
  const { group, jobs, winner, applied } = Race.parse(JSON.parse(stdout));
  assert.deepEqual(jobs.map((job) => [job.agent, job.status, job.reason, job.group]), [
    ["bad", "error", "check_failed", group],
    ["good", "done", "completed", group],
    ["dead", "error", "exit_code", group],
  ]);
  assert.deepEqual([winner?.agent, applied], ["good", true]);
  assert.equal(Deno.readTextFileSync(`${cwd}/made.txt`), "good\n");
  assert.deepEqual(jobs.map(({ place }) => exists(String(place?.path))), [false, true, false]);
  for (const named of [["--group", group], [group]]) {
    const listed = await race.run("list", ...named, "-q");
    assert.equal(listed.stdout.trim().split("\n").length, 3);
  }
  assert.equal((await race.run("wait", group)).code, 1);
  assert.equal((await race.run("show", group)).stdout.match(/\bmake it\b/g)?.length, 3);
  const shown = JSON.parse((await race.run("show", group, "--json")).stdout);
  assert.deepEqual([shown.group, shown.jobs.length, shown.jobs[0].agent], [group, 3, "bad"]);
});

Deno.test("race: a judge that there is not is refused before anybody works", async () => {
  await using race = await raceOf({ one: agent("echo a"), two: agent("echo b") });
  const { code, stderr } = await race.run(
    ...["race", "-a", "one", "-a", "two", "--judge", "nobody", "-C", race.state.cwd, "task"],
  );
  assert.equal(code, 2);
  assert.match(stderr, /^agent-async: --judge: there is no agent nobody\nKnown agents: .*one, two\.\n/);
  assert.equal(JSON.parse((await race.run("list", "--json")).stdout).total, 0);
});

Deno.test("race: the first that passes ends the others", async () => {
  await using race = await raceOf({
    slow: agent("sleep 1000"),
    quick: agent("echo x >made.txt; echo done"),
  });
  const { code, stdout, stderr } = await race.run(
    ...["race", "-a", "slow", "-a", "quick", "--first", "-C", race.state.cwd, "--json", "be quick"],
  );
  assert.equal(code, 0, stderr);
  const { jobs, winner, applied } = Race.parse(JSON.parse(stdout));
  assert.deepEqual([jobs.map(({ status }) => status), winner?.agent, applied], [
    ["cancelled", "done"],
    "quick",
    false,
  ]);
});

Deno.test("race: a judge names the winner by a schema, and its words are shown", async () => {
  await using race = await raceOf({
    one: agent("echo one >made.txt; echo done"),
    two: agent("echo two >made.txt; echo done"),
    judge: agent(`echo '{"winner": 2, "why": "It says two."}'`),
  });
  const { code, stdout, stderr } = await race.run(
    ...["race", "-a", "one", "-a", "two", "--judge", "judge", "-C", race.state.cwd, "--json", "count"],
  );
  assert.equal(code, 0, stderr);
  const { winner, why, jobs } = Race.parse(JSON.parse(stdout));
  assert.equal(why, "It says two.");
  assert.ok(jobs.some(({ job_id }) => job_id === winner?.job_id));
});

Deno.test("race: one agent alone is no race, and where none passes nothing is taken over", async () => {
  await using race = await raceOf({ bad: agent("exit 1"), worse: agent("exit 2") });
  const { cwd } = race.state;
  assert.equal((await race.run("race", "-a", "bad", "-C", cwd, "x")).code, 2);
  const { code, stdout } = await race.run(
    "race",
    "-a",
    "bad",
    "-a",
    "worse",
    "-C",
    cwd,
    "--apply",
    "winner",
    "x",
  );
  assert.equal(code, 1);
  assert.match(stdout, /^ID +AGENT +OUTCOME/);
});

/** An agent that tells what it has used, in a line of JSON. */
const telling = (used: Record<string, unknown>, over: Record<string, unknown> = {}) => ({
  ...agent(`echo '${JSON.stringify({ type: "end", ...used })}'`),
  output: "jsonl",
  events: [
    {
      type: "usage",
      when: { type: "end" },
      input_tokens: "in",
      output_tokens: "out",
      ...("usd" in used ? { cost_usd: "usd" } : {}),
    },
    { type: "result", when: { type: "end" } },
  ],
  ...over,
});

Deno.test("race: costs are as the agents tell them, else by price, and where nobody can tell it is said why", async () => {
  const used = { in: 1_000, out: 1_000 };
  await using race = await raceOf({
    told: telling({ ...used, usd: 0.5 }),
    priced: telling(used, { model: "gpt-4o" }),
    nameless: telling(used),
    odd: telling(used, { model: "no-such-model-9" }),
    silent: agent("echo done"),
  });
  const names = ["told", "priced", "nameless", "odd", "silent"];
  const args = ["race", ...names.flatMap((name) => ["-a", name]), "-C", race.state.cwd, "make it"];
  const { code, stdout, stderr } = await race.run(...args);
  assert.equal(code, 0, stderr);
  const [head, ...rows] = stdout.trim().split("\n").map((line) => line.trim().split(/ {2,}/));
  assert.equal(head?.at(-1), "COST");
  assert.deepEqual(rows.map((row) => [row[1], row.at(-1)]), [
    ["told", "$0.5000"],
    // 1,000 tokens in at $2.50 for a million, and 1,000 out at $10.
    ["priced", "$0.0125"],
    ["nameless", "?"],
    ["odd", "?"],
    ["silent", "?"],
  ]);
  const table = "@pydantic/genai-prices [\\d.]+ of [\\d-]+";
  for (
    const note of [
      `What no agent told is by the prices of ${table}\\.`,
      "nameless \\w{8}: nobody can tell what it cost: no model is named whose price is known\\.",
      `odd \\w{8}: nobody can tell what it cost: no price of the model no-such-model-9 is known \\(${table}\\)\\.`,
      "silent \\w{8}: nobody can tell what it cost: its tokens are not known\\.",
    ]
  ) assert.match(stderr, new RegExp(`^${note}$`, "m"));
  const { jobs } = Race.parse(JSON.parse((await race.run(...args, "--json")).stdout));
  assert.deepEqual(jobs.map(({ money }) => [money?.usd, money?.priced_usd, money?.unknown_turns]), [
    [0.5, 0, 0],
    [0.0125, 0.0125, 0],
    [null, 0, 1],
    [null, 0, 1],
    [null, 0, 1],
  ]);
});
