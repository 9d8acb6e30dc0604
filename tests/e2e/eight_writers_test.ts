/** Eight writers on one repository at once, of the real Codex and Claude Code, each in a place of its own. */
import assert from "node:assert/strict";
import { z } from "zod";
import { addFile, shell } from "../model/scenario.ts";
import { AgentStage, fileIn } from "../support/agent_stage.ts";
import { git, makeRepository } from "../support/repository.ts";

const Applied = z.looseObject({
  files: z.array(z.looseObject({ path: z.string() })),
  conflicts: z.array(z.unknown()),
});

const AUTHOR = "-c user.name=Agent -c user.email=agent@localhost";
const WRITERS = Array.from({ length: 8 }, (_, index) => index + 1);

Deno.test("eight real writers work on one repository side by side, and all that they wrote comes together", async () => {
  await using stage = await AgentStage.set({ agents: ["codex", "claude"], config: { limits: { total: 8 } } });
  const cwd = stage.state.workspace("repository");
  await makeRepository(cwd);
  const lines = WRITERS.map((n) => `line ${n}\n\n\n\n`).join("");
  Deno.writeTextFileSync(`${cwd}/shared.txt`, lines);
  await git(cwd, "add", "-A");
  await git(cwd, "commit", "-qm", "shared");
  const here = `${cwd}/here.`;
  const jobs = await Promise.all(WRITERS.map((n) => {
    stage.model.script(`w${n}`, [
      addFile(`by-${n}.txt`, `${n}\n`),
      // None goes on before all eight are at work.
      shell(`: >'${here}${n}'; until [ $(ls '${cwd}' | grep -c '^here\\.') = 8 ]; do sleep 0.05; done`),
      shell(`sed -i 's/^line ${n}$/line ${n} of writer ${n}/' shared.txt`),
      shell(`git add -A && git ${AUTHOR} commit -qm 'by ${n}' && git log --format=%s -1`),
    ]);
    const options = { cwd, isolation: "worktree", approval_policy: "full-auto" };
    return stage.start(n % 2 === 0 ? "codex" : "claude", `Write. [[scenario w${n}]]`, options);
  }));
  for (const [index, id] of jobs.entries()) {
    const job = await stage.host.ended(id);
    const changed = (job.files_changed ?? []).map((path) => path.split("/").at(-1)).sort();
    assert.deepEqual([job.status, changed], ["done", [`by-${index + 1}.txt`, "shared.txt"]], job.output);
  }
  for (const n of WRITERS) Deno.removeSync(`${here}${n}`);
  assert.equal(await git(cwd, "status", "--porcelain"), "");
  assert.equal((await git(cwd, "log", "--format=%s")).trim(), "shared\nfirst");
  for (const job_id of jobs) {
    const { files, conflicts } = await stage.host.call("job_apply", { job_id }, Applied);
    assert.deepEqual([files.length, conflicts], [2, []]);
  }
  for (const n of WRITERS) assert.equal(fileIn(cwd, `by-${n}.txt`), `${n}\n`);
  assert.equal(
    fileIn(cwd, "shared.txt"),
    WRITERS.map((n) => `line ${n} of writer ${n}\n\n\n\n`).join(""),
  );
});
