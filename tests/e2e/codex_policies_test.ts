/** What the real Codex CLI may do as a job under each approval policy. */
import assert from "node:assert/strict";
import { EventsPage } from "../../src/service/read_requests.ts";
import { addFile, shell } from "../model/scenario.ts";
import { CodexStage, WAYS } from "../support/codex_stage.ts";

for (const { way, live } of WAYS) {
  Deno.test(`codex policies, ${way}: suggest writes nowhere, auto-edit inside of cwd, full-auto anywhere`, async () => {
    await using stage = await CodexStage.set({ live });
    const outside = `${stage.state.workspace("outside")}/written.txt`;
    for (const policy of ["suggest", "auto-edit", "full-auto"]) {
      stage.model.script(policy, [
        shell(`echo ${policy} > by-shell-${policy}.txt; echo ${policy} >> ${outside}; true`),
        addFile(`by-patch-${policy}.txt`, `${policy}\n`),
      ]);
      const id = await stage.host.start(`Write. [[scenario ${policy}]]`, { approval_policy: policy });
      const job = await stage.host.ended(id);
      assert.deepEqual([job.status, job.approval_policy], ["done", policy], job.output);
      const changed = policy === "suggest"
        ? []
        : ["patch", "shell"].map((by) => `${stage.state.cwd}/by-${by}-${policy}.txt`);
      assert.deepEqual(job.files_changed, changed);
      // Codex's own events do not tell of what its sandbox or a hook refuses.
      const warnings = (await stage.host.call("job_events", { job_id: id, types: ["warning"] }, EventsPage))
        .events
        .map(({ message }) => message).filter((message) => /^Not allowed/.test(String(message)));
      const refused = "Not allowed: only reading is allowed, not:";
      assert.deepEqual(
        warnings,
        policy !== "suggest" ? [] : [
          `${refused} echo suggest > by-shell-suggest.txt; echo suggest >> ${outside}; true`,
          // This model has no tool for patches, and sends them through the shell.
          `${refused} apply_patch <<'END_OF_PATCH'`,
        ],
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

  Deno.test(`codex policies, ${way}: auto-edit writes into no .git: of its own repository, a nested one, a linked worktree`, async () => {
    await using stage = await CodexStage.set({ live });
    const top = stage.state.workspace("repository");
    const linked = `${top}-linked`;
    const below = `${top}/below`;
    const nested = `${top}/nested`;
    for (const path of [below, nested]) Deno.mkdirSync(path);
    for (const path of [top, nested]) {
      await git(path, "init", "-q", "-b", "main");
      await git(path, "commit", "-q", "--allow-empty", "-m", "first");
    }
    await git(top, "worktree", "add", "-q", "-b", "side", linked);
    Deno.symlinkSync(".git/hooks", `${top}/link`);
    const targets = [".git/hooks/pre-commit", ".git/config", ".git/info/attributes", "link/pre-push"]
      .flatMap((path) => [`${top}/${path}`, `${nested}/${path}`]).filter((path) =>
        path !== `${nested}/link/pre-push`
      );
    const before = snapshot(top);
    for (const [name, cwd] of [["top", top], ["below", below], ["linked", linked]] as const) {
      stage.model.script(name, [
        shell(`for f in ${[...targets, `${linked}/.git`].join(" ")}; do echo '[planted]' >> $f; done; true`),
        shell(`mv ${top}/.git ${top}/moved; mv ${nested} ${nested}-moved; true`),
        shell(
          `echo ${name} > ${name}.txt && git add . && git ${AUTHOR.join(" ")} commit -q -m ${name}; true`,
        ),
      ]);
      const id = await stage.host.start(`Commit. [[scenario ${name}]]`, { cwd });
      const job = await stage.host.ended(id);
      assert.equal(job.status, "done", job.output);
      assert.match(job.output, /\.git\S*: Read-only file system/);
      assert.equal(await git(cwd, "log", "-1", "--format=%s"), "first\n", job.output);
      assert.equal(Deno.readTextFileSync(`${cwd}/${name}.txt`), `${name}\n`);
    }
    assert.deepEqual(snapshot(top), before);
  });

  Deno.test(`codex policies, ${way}: who asks for a commit under auto-edit is told what to do instead, as the model is`, async () => {
    await using stage = await CodexStage.set({ live });
    const top = stage.state.workspace("repository");
    await git(top, "init", "-q", "-b", "main");
    const sent = async (policy: string, prompt: string, cwd = top): Promise<boolean> => {
      const name = crypto.randomUUID();
      stage.model.script(name, []);
      const request = { cwd, approval_policy: policy };
      await stage.host.ended(await stage.host.start(`${prompt} [[scenario ${name}]]`, request));
      return JSON.stringify(stage.model.modelRequests(name)[0]?.body).includes("nobody may write into .git");
    };
    assert.deepEqual(
      [
        await sent("auto-edit", "Fix it, then commit."),
        await sent("auto-edit", "Fix it."),
        await sent("full-auto", "Fix it, then commit."),
        await sent("auto-edit", "Fix it, then commit.", stage.state.workspace("plain")),
      ],
      [true, false, false, false],
    );
  });
}

/** All that git could execute, of a repository and of the nested one. */
function snapshot(top: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const git of [`${top}/.git`, `${top}/nested/.git`]) {
    for (const path of ["config", "info/attributes", "hooks/pre-commit", "hooks/pre-push"]) {
      try {
        files[`${git}/${path}`] = Deno.readTextFileSync(`${git}/${path}`);
      } catch {
        files[`${git}/${path}`] = "not there";
      }
    }
  }
  return files;
}

const AUTHOR = ["-c", "user.name=T", "-c", "user.email=t@example.com"] as const;

async function git(cwd: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", { args: [...AUTHOR, ...args], cwd })
    .output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
