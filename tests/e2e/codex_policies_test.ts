/** What the real Codex CLI may do as a job under each approval policy. */
import assert from "node:assert/strict";
import { EventsPage } from "../../src/service/requests.ts";
import { addFile, shell } from "../model/scenario.ts";
import { CodexStage } from "../support/codex_stage.ts";

Deno.test("codex policies: suggest writes nowhere, auto-edit inside of cwd, full-auto anywhere", async () => {
  await using stage = await CodexStage.set();
  const outside = `${stage.state.workspace("outside")}/written.txt`;
  for (const policy of ["suggest", "auto-edit", "full-auto"]) {
    stage.model.script(policy, [
      shell(`echo ${policy} > by-shell-${policy}.txt; echo ${policy} >> ${outside}; true`),
      addFile(`by-patch-${policy}.txt`, `${policy}\n`),
    ]);
    const id = await stage.host.start(`Write. [[scenario ${policy}]]`, { approval_policy: policy });
    const job = await stage.host.ended(id);
    assert.deepEqual([job.status, job.approval_policy], ["done", policy], job.output);
    const changed = policy === "suggest" ? [] : [`${stage.state.cwd}/by-patch-${policy}.txt`];
    assert.deepEqual(job.files_changed, changed);
    // Codex's own events do not tell of a patch that its sandbox refuses.
    const warnings = (await stage.host.call("job_events", { job_id: id, types: ["warning"] }, EventsPage))
      .events
      .map(({ message }) => message).filter((message) => /^Not allowed/.test(String(message)));
    assert.deepEqual(
      warnings,
      policy === "suggest" ? ["Not allowed: patch rejected: writing is blocked by read-only sandbox"] : [],
    );
  }
  assert.deepEqual(
    ["suggest", "auto-edit", "full-auto"].map((policy) => [
      stage.file(`by-shell-${policy}.txt`),
      stage.file(`by-patch-${policy}.txt`),
    ]),
    [[null, null], ["auto-edit\n", "auto-edit\n"], ["full-auto\n", "full-auto\n"]],
  );
  assert.equal(Deno.readTextFileSync(outside), "full-auto\n");
});

Deno.test("codex policies: auto-edit commits in a repository, below its top and in a linked worktree", async () => {
  await using stage = await CodexStage.set();
  const top = stage.state.workspace("repository");
  const linked = `${top}-linked`;
  const below = `${top}/below`;
  Deno.mkdirSync(below);
  await git(top, "init", "-q", "-b", "main");
  await git(top, "commit", "-q", "--allow-empty", "-m", "first");
  await git(top, "worktree", "add", "-q", "-b", "side", linked);
  for (const [name, cwd] of [["top", top], ["below", below], ["linked", linked]] as const) {
    stage.model.script(name, [
      shell(`echo ${name} > ${name}.txt && git add . && git ${AUTHOR.join(" ")} commit -q -m ${name}`),
    ]);
    const id = await stage.host.start(`Commit. [[scenario ${name}]]`, { cwd });
    const job = await stage.host.ended(id);
    assert.equal(job.status, "done", job.output);
    assert.equal(await git(cwd, "log", "-1", "--format=%s %an"), `${name} T\n`, job.output);
    assert.equal(await git(cwd, "status", "--porcelain"), "");
  }
  assert.equal(await git(top, "log", "--format=%s", "main"), "below\ntop\nfirst\n");
  assert.equal(await git(top, "log", "--format=%s", "side"), "linked\nfirst\n");
});

const AUTHOR = ["-c", "user.name=T", "-c", "user.email=t@example.com"] as const;

async function git(cwd: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", { args: [...AUTHOR, ...args], cwd })
    .output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
