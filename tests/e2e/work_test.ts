/** The work of the real Codex and Claude Code: in places of their own, checked, taken over, taken back. */
import assert from "node:assert/strict";
import { z } from "zod";
import { addFile, shell, text } from "../model/scenario.ts";
import { AgentStage, fileIn } from "../support/agent_stage.ts";
import { git, makeRepository } from "../support/repository.ts";

const Applied = z.looseObject({
  files: z.array(z.looseObject({ path: z.string() })),
  conflicts: z.array(z.looseObject({ path: z.string() })),
});
const Diff = z.looseObject({ files: z.array(z.looseObject({ path: z.string() })), applied: z.boolean() });

const AUTHOR = "-c user.name=Agent -c user.email=agent@localhost";

async function stageWithRepository(config: Record<string, unknown> = {}) {
  const stage = await AgentStage.set({ agents: ["codex", "claude"], config });
  const cwd = stage.state.workspace("repository");
  await makeRepository(cwd);
  return { stage, cwd, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

Deno.test("real Codex and Claude write in one repository at once; a conflict changes nothing; undone, nothing is left", async () => {
  await using set = await stageWithRepository();
  const { stage, cwd } = set;
  stage.model.script("codex", [
    addFile("by-codex.txt", "codex\n"),
    shell("printf 'codex\\ntwo\\n' >kept.txt"),
    shell(`git add -A && git ${AUTHOR} commit -qm 'by codex' && git log -1 --format=%s`),
  ]);
  stage.model.script("claude", [
    addFile("by-claude.txt", "claude\n"),
    shell("printf 'claude\\ntwo\\n' >kept.txt"),
  ]);
  const isolated = { cwd, isolation: "worktree" };
  const [codex, claude] = await Promise.all([
    stage.start("codex", "Write. [[scenario codex]]", isolated),
    stage.start("claude", "Write. [[scenario claude]]", { ...isolated, approval_policy: "full-auto" }),
  ]);
  const [byCodex, byClaude] = [await stage.host.ended(codex), await stage.host.ended(claude)];
  assert.deepEqual([byCodex.status, byClaude.status], ["done", "done"], byCodex.output + byClaude.output);
  // In a repository of its own it may commit.
  assert.match(byCodex.output, /^ {2}by codex$/m);
  assert.equal(await git(cwd, "status", "--porcelain"), "");
  const apply = (job_id: string, more = {}) => stage.host.call("job_apply", { job_id, ...more }, Applied);
  const taken = await apply(codex);
  assert.deepEqual(taken.files.map(({ path }) => path), ["by-codex.txt", "kept.txt"]);
  const refused = await apply(claude);
  assert.deepEqual([refused.files, refused.conflicts.map(({ path }) => path)], [[], ["kept.txt"]]);
  assert.deepEqual([fileIn(cwd, "kept.txt"), fileIn(cwd, "by-claude.txt")], ["codex\ntwo\n", null]);
  stage.model.script("again", [shell("cat by-codex.txt && echo more >>by-codex.txt")]);
  await stage.reply(codex, "Go on. [[scenario again]]");
  assert.deepEqual((await apply(codex)).files.map(({ path }) => path), ["by-codex.txt"]);
  assert.equal(fileIn(cwd, "by-codex.txt"), "codex\nmore\n");
  await apply(codex, { action: "undo" });
  assert.equal(await git(cwd, "status", "--porcelain"), "");
  const { applied } = await stage.host.call("job_diff", { job_id: codex, stat: true }, Diff);
  assert.equal(applied, false);
});

for (const agent of ["codex", "claude"] as const) {
  Deno.test(`real ${agent}: a check that fails twice and passes, in one session`, async () => {
    await using set = await stageWithRepository();
    const { stage, cwd } = set;
    Deno.writeTextFileSync(
      `${stage.state.home}/config.json`,
      JSON.stringify({ projects: { [cwd]: { checks: { three: "cat a.txt; grep -q three a.txt" } } } }),
    );
    stage.model.script("count", [
      addFile("a.txt", "one\n"),
      text("It is done."),
      shell("echo two >>a.txt"),
      text("Now it is done."),
      shell("echo three >>a.txt"),
      text("It passes."),
    ]);
    const job = await stage.run(agent, "Count. [[scenario count]]", {
      cwd,
      check: "three",
      approval_policy: "full-auto",
    });
    assert.deepEqual(
      [job.status, job.turn, job.result, job.evidence?.check?.exit_code, job.evidence?.check?.attempts],
      ["done", 3, "It passes.", 0, 3],
      job.output,
    );
    assert.equal(fileIn(cwd, "a.txt"), "one\ntwo\nthree\n");
    const asked = stage.model.modelRequests("count").map(({ body }) => JSON.stringify(body));
    assert.ok(asked.some((body) => body.includes("failed with exit code 1")));
  });
}
