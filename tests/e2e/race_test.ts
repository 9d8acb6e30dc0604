/** A race of the real Codex, Claude Code and Gemini CLI on one task, by the command line. */
import assert from "node:assert/strict";
import { z } from "zod";
import { JobResult } from "../../src/domain/job/result.ts";
import { type Asked, type Item, shell, type Step, text } from "../model/scenario.ts";
import { AgentStage, fileIn } from "../support/agent_stage.ts";
import { exists } from "../support/exists.ts";
import { runProgram } from "../support/program.ts";
import { git, makeRepository } from "../support/repository.ts";

const Race = z.object({
  group: z.string(),
  jobs: z.array(JobResult),
  winner: JobResult.nullable(),
  applied: z.boolean(),
  why: z.string().optional(),
});

type Racer = "codex" | "claude" | "gemini";

/** Who asks, by the form of the request. */
function askerOf({ body }: Asked): Racer {
  const { input, contents }: { input?: unknown; contents?: unknown } = Object(body);
  return input !== undefined ? "codex" : contents !== undefined ? "gemini" : "claude";
}

/** Each writes what is said for it, and is done. */
function writing(contents: Record<Racer, string>, judge: Item | null = null): Step {
  return (asked) => {
    const isJudge = asked.userTexts.some((said) => said.includes("Several programmers were given this task"));
    if (isJudge && judge !== null) return judge;
    return asked.toolResults.length === 0
      ? shell(`printf '%s\\n' ${contents[askerOf(asked)]} >made.txt`)
      : text("It is done.");
  };
}

async function raceStage() {
  const stage = await AgentStage.set({ agents: ["codex", "claude", "gemini"] });
  const cwd = stage.state.workspace("repository");
  await makeRepository(cwd);
  Deno.writeTextFileSync(
    `${stage.state.home}/config.json`,
    JSON.stringify({ projects: { [cwd]: { checks: { good: "grep -q good made.txt" } } } }),
  );
  const race = async (...args: string[]) => {
    const { code, stdout, stderr } = await runProgram(stage.state, [
      ...["race", "-a", "codex", "-a", "claude", "-a", "gemini", "--check", "good", "--check-attempts", "0"],
      ...["--policy", "full-auto", "-C", cwd, "--json", ...args],
    ]);
    assert.equal(code, 0, stdout + stderr);
    return Race.parse(JSON.parse(stdout));
  };
  return { stage, cwd, race, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

Deno.test("real race: of three the one that passes wins, its work is taken over and the others' places go", async () => {
  await using set = await raceStage();
  const { stage, cwd, race } = set;
  stage.model.script("race", [], writing({ codex: "bad", claude: "good", gemini: "worse" }));
  const { jobs, winner, applied, group } = await race("--apply", "winner", "Make it. [[scenario race]]");
  assert.deepEqual(jobs.map(({ agent, status, reason }) => [agent, status, reason]), [
    ["codex", "error", "check_failed"],
    ["claude", "done", "completed"],
    ["gemini", "error", "check_failed"],
  ], JSON.stringify(jobs));
  assert.deepEqual([winner?.agent, applied, fileIn(cwd, "made.txt")], ["claude", true, "good\n"]);
  assert.equal(await git(cwd, "status", "--porcelain"), "?? made.txt\n");
  assert.deepEqual(jobs.map(({ place }) => exists(String(place?.path))), [false, true, false]);
  // Of the losers nothing is lost: their changes can still be read, and taken over.
  const [codex] = jobs;
  const diff = await runProgram(stage.state, ["diff", String(codex?.job_id)]);
  assert.match(diff.stdout, /^\+bad$/m);
  const listed = await runProgram(stage.state, ["list", "--group", group, "-q"]);
  assert.deepEqual(listed.stdout.trim().split("\n").sort(), jobs.map(({ job_id }) => job_id).sort());
});

Deno.test("real race: an agent of another vendor judges those that pass, by a schema and without writing", async () => {
  await using set = await raceStage();
  const { stage, cwd, race } = set;
  const verdict = { winner: 2, why: "It says it twice." };
  const judge: Item = { kind: "tool", tool: "StructuredOutput", arguments: verdict };
  stage.model.script("race", [], writing({ codex: "good", claude: "bad", gemini: "'good good'" }, judge));
  const { jobs, winner, why, applied } = await race("--judge", "claude", "Make it. [[scenario race]]");
  assert.deepEqual(jobs.map(({ agent, status }) => [agent, status]), [
    ["codex", "done"],
    ["claude", "error"],
    ["gemini", "done"],
  ], JSON.stringify(jobs));
  assert.deepEqual([why, applied, fileIn(cwd, "made.txt")], [verdict.why, false, null]);
  const asked = stage.model.prompts("race").find((prompt) => prompt.includes("Several programmers")) ?? "";
  const works = [...asked.matchAll(/^\+(good.*)$/gm)].map(([, line]) => line);
  assert.deepEqual(works.toSorted(), ["good", "good good"]);
  // The second in the order in which they were shown.
  assert.equal(winner?.agent, works[1] === "good" ? "codex" : "gemini");
});
