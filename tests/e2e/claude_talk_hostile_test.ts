/** The policy `ask` with the real Claude Code in a repository that runs a program of its own wherever it can. */
import assert from "node:assert/strict";
import { z } from "zod";
import { addFile, type Item, shell } from "../model/scenario.ts";
import { AgentStage, fileIn } from "../support/agent_stage.ts";
import { hostileRepository, MEMORIES } from "../support/hostile_repository.ts";

/** Rejects whatever is asked until the job ends; the titles of what was asked. */
async function rejectAll(stage: AgentStage, jobId: string): Promise<string[]> {
  const titles: string[] = [];
  const waited = z.looseObject({
    timed_out: z.boolean(),
    asking: z.array(z.looseObject({
      questions: z.array(z.looseObject({ question_id: z.string(), title: z.string().optional() })),
    })).default([]),
  });
  for (;;) {
    const { asking } = await stage.host.call("job_wait", { job_ids: [jobId], timeout_seconds: 100 }, waited);
    for (const { question_id, title = "" } of asking.flatMap(({ questions }) => questions)) {
      titles.push(title);
      const answer = { job_id: jobId, question_id, option: "reject" };
      await stage.host.call("job_answer", answer, z.looseObject({ answered: z.literal(true) }));
    }
    const { status } = await stage.host.poll(jobId);
    if (status !== "pending" && status !== "running") return titles;
  }
}

Deno.test("claude asks: in a hostile repository nothing runs, and nothing is written, that nobody allowed", async () => {
  await using stage = await AgentStage.set({ agents: ["claude"] });
  const repository = hostileRepository(stage.state.workspace("ask/repository"));
  const { root } = repository;
  const reading: Item[] = ["git status", "git diff", "git log -p", "git show --stat", "git blame a.txt"].map(
    shell,
  );
  const writing: Item[] = [
    shell("touch made.txt"),
    addFile(`${root}/fresh.txt`, "fresh\n"),
    shell("cd nested && git status"),
  ];
  // Nobody is asked about these: they are not to be had below full-auto.
  const refused: Item[] = [
    addFile(`${root}/.git/hooks/planted`, "x\n"),
    addFile(`${root}/link/planted-by-link`, "x\n"),
    addFile(`${root}/nested/.git/hooks/planted`, "x\n"),
    shell(`cp ${root}/a.txt ${root}/link/copied`),
    shell(`echo '[planted]' >> ${root}/.git/config`),
    shell(`rm -r ${root}/nested/.git/hooks`),
  ];
  stage.model.script("ask", [...reading, ...writing, ...refused]);
  const before = repository.executed();
  const id = await stage.start("claude", "Work. [[scenario ask]]", { cwd: root, approval_policy: "ask" });
  const asked = await rejectAll(stage, id);
  const job = await stage.host.poll(id);
  assert.deepEqual([job.status, job.result], ["done", "done"], JSON.stringify(job));
  assert.deepEqual(asked, [
    "Run: touch made.txt",
    `Write ${root}/fresh.txt`,
    // It would only read, in another repository.
    "Run: cd nested && git status",
  ]);
  assert.deepEqual(repository.ran(), []);
  assert.deepEqual(repository.executed(), before);
  assert.deepEqual(["made.txt", "fresh.txt"].map((name) => fileIn(root, name)), [null, null]);
  const told = JSON.stringify(stage.model.modelRequests("ask")[0]?.body);
  assert.ok(told.includes(MEMORIES.claude));
});
