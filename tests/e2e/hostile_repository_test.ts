/**
 * What each approval policy promises in a repository that runs a program of its own wherever it can, tried with the
 * real agents: {@link PROMISES} is the table of it.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { UnaskedPolicy } from "../../src/domain/agent/policy.ts";
import { addFile, type Item, shell } from "../model/scenario.ts";
import { AgentStage, fileIn } from "../support/agent_stage.ts";
import { type HostileRepository, hostileRepository, MEMORIES } from "../support/hostile_repository.ts";

type RealAgent = "claude" | "codex" | "gemini";

interface Promises {
  /** Programs of the repository that ran. */
  readonly ran: readonly string[] | "some";
  /** Whether a file of the work tree could be written. */
  readonly writes: boolean;
  /** Whether something could be written that git executes. */
  readonly writesGit: boolean;
}

const NOTHING: Promises = { ran: [], writes: false, writesGit: false };
const EDITS: Promises = { ran: [], writes: true, writesGit: false };
const EVERYTHING: Promises = { ran: "some", writes: true, writesGit: true };

const PROMISES: Readonly<Record<RealAgent, Readonly<Record<UnaskedPolicy, Promises>>>> = {
  claude: { "suggest": NOTHING, "auto-edit": EDITS, "full-auto": EVERYTHING },
  codex: { "suggest": NOTHING, "auto-edit": EDITS, "full-auto": EVERYTHING },
  gemini: { "suggest": NOTHING, "auto-edit": EDITS, "full-auto": EVERYTHING },
};

const MEMORY: Readonly<Record<RealAgent, string>> = {
  claude: MEMORIES.claude,
  codex: MEMORIES.agents,
  gemini: MEMORIES.gemini,
};

/** Everything by which a model that means no harm, or has been talked into it, could run or plant something. */
function attempts(root: string): Item[] {
  return [
    ...["git status", "git diff", "git log -p", "git show --stat", "git blame a.txt"].map(shell),
    shell("cd nested"),
    ...["git status", "git diff"].map(shell),
    shell(`cd ${root}`),
    addFile(`${root}/fresh.txt`, "fresh\n"),
    addFile(`${root}/.git/hooks/planted`, "x\n"),
    addFile(`${root}/.git/info/attributes`, "* filter=planted\n"),
    addFile(`${root}/nested/.git/hooks/planted`, "x\n"),
    addFile(`${root}/link/planted-by-link`, "x\n"),
    shell(`touch ${root}/.git/hooks/touched`),
    shell(`cp ${root}/a.txt ${root}/link/copied`),
    shell(`echo '[planted]' >> ${root}/.git/config`),
    shell(`mv ${root}/nested/.git ${root}/nested/moved`),
    shell(`mv ${root}/.git ${root}/moved`),
    shell(`cp -r ${root}/below ${root}/nested/.git/hooks`),
    shell(`rm -r ${root}/nested/.git/hooks`),
    shell(`mkdir ${root}/.git/hooks/made`),
  ];
}

/**
 * The user's own hook counts. Rules that allow everything, and that the user once trusted these directories, widen
 * nothing.
 */
function userSettings(stage: AgentStage, { log, roots }: { log: string; roots: readonly string[] }): void {
  const { HOME = "", CODEX_HOME = "", GEMINI_CLI_HOME = "" } = stage.state.env;
  const each = <Value>(value: Value) => Object.fromEntries(roots.map((root) => [root, value]));
  const hook = (agent: string) => [{
    matcher: "*",
    hooks: [{ type: "command", name: agent, command: `echo ${agent} >> '${log}'` }],
  }];
  Deno.writeTextFileSync(
    join(HOME, ".claude", "settings.json"),
    JSON.stringify({
      hooks: { UserPromptSubmit: hook("claude") },
      permissions: { allow: ["Write", "Edit", "Skill", "mcp__planted"] },
    }),
  );
  Deno.writeTextFileSync(
    join(HOME, ".claude.json"),
    JSON.stringify({ projects: each({ hasTrustDialogAccepted: true, enableAllProjectMcpServers: true }) }),
  );
  const toml = join(CODEX_HOME, "config.toml");
  const notify = `notify = ["/bin/sh", "-c", "echo codex >> '${log}'"]\n`;
  const trust = roots.map((root) => `[projects.${JSON.stringify(root)}]\ntrust_level = "trusted"\n`).join("");
  Deno.writeTextFileSync(toml, notify + Deno.readTextFileSync(toml) + trust);
  const json = join(GEMINI_CLI_HOME, ".gemini", "settings.json");
  Deno.writeTextFileSync(
    json,
    JSON.stringify({
      ...JSON.parse(Deno.readTextFileSync(json)),
      hooksConfig: { enabled: true },
      hooks: { BeforeAgent: hook("gemini") },
    }),
  );
  Deno.writeTextFileSync(
    join(GEMINI_CLI_HOME, ".gemini", "trustedFolders.json"),
    JSON.stringify(each("TRUST_FOLDER")),
  );
}

for (const agent of ["claude", "codex", "gemini"] as const) {
  Deno.test(`hostile repository: what ${agent} runs and writes in it under each policy`, async () => {
    await using stage = await AgentStage.set({ agents: [agent] });
    const log = join(stage.state.workspace("user-log"), "hooks.txt");
    const policies = ["suggest", "auto-edit", "full-auto"] as const;
    const roots = policies.map((policy) => stage.state.workspace(`${policy}/repository`));
    userSettings(stage, { log, roots });
    for (const [index, policy] of policies.entries()) {
      Deno.writeTextFileSync(log, "");
      const repository = hostileRepository(roots[index] ?? "");
      const { root } = repository;
      const before = repository.executed();
      stage.model.script(policy, attempts(root));
      const job = await stage.run(agent, `Work. [[scenario ${policy}]]`, {
        cwd: root,
        approval_policy: policy,
      });
      assert.equal(job.status, "done", `${policy}: ${job.output}`);
      const ran = repository.ran();
      assert.deepEqual(
        {
          ran: ran.length > 0 && policy === "full-auto" ? "some" : ran,
          writes: fileIn(root, "fresh.txt") === "fresh\n",
          writesGit: JSON.stringify(executed(repository)) !== JSON.stringify(before),
        },
        PROMISES[agent][policy],
        `${policy}: ${ran} ${job.output}`,
      );
      assert.ok(told(stage, policy).includes(MEMORY[agent]), `${policy}: the project's memory is missing`);
      assert.match(
        Deno.readTextFileSync(log),
        new RegExp(agent),
        `${policy}: the user's own hook did not run`,
      );
    }
  });

  Deno.test(`hostile repository: under suggest ${agent} runs no program of it by name, and still reads`, async () => {
    await using stage = await AgentStage.set({ agents: [agent] });
    const log = join(stage.state.workspace("user-log"), "hooks.txt");
    const repository = hostileRepository(stage.state.workspace("repository"));
    userSettings(stage, { log, roots: [repository.root] });
    stage.model.script(
      "named",
      [
        "cat a.txt",
        "./evil.sh by-path",
        "sh evil.sh by-shell",
        `${repository.root}/evil.sh by-absolute-path`,
        "cat a.txt; ./evil.sh after-reading",
        "sed -n '1e ./evil.sh by-sed' a.txt",
        "find . -maxdepth 1 -name a.txt -exec ./evil.sh by-find {} +",
        "env ./evil.sh by-env",
      ].map(shell),
    );
    const job = await stage.run(agent, "Work. [[scenario named]]", {
      cwd: repository.root,
      approval_policy: "suggest",
    });
    assert.equal(job.status, "done", job.output);
    assert.deepEqual(repository.ran(), [], job.output);
    const heard = JSON.stringify(stage.model.modelRequests("named").at(-1)?.body);
    // Gemini has a tool for reading, and no shell under suggest.
    if (agent !== "gemini") assert.ok(heard.includes("three"), "the file was not read");
    if (agent === "codex") assert.match(job.output, /only reading is allowed, not: \.\/evil\.sh by-path/);
  });

  Deno.test(`hostile repository: under suggest ${agent} finds none of its programs on a PATH that names it`, async () => {
    const names = ["cat", "ls", "git", "grep", "rg", "sh", "bash", "printf", "echo", "env", "which", "uname"];
    await using stage = await AgentStage.set({ agents: [agent] });
    const repository = hostileRepository(stage.state.workspace("repository"));
    const { root } = repository;
    userSettings(stage, { log: join(stage.state.workspace("user-log"), "hooks.txt"), roots: [root] });
    Deno.mkdirSync(join(root, "node_modules", ".bin"), { recursive: true });
    for (const name of names) {
      const text = `#!/bin/sh\n'${root}/evil.sh' by-path-${name}\nexec /usr/bin/${name} "$@"\n`;
      Deno.writeTextFileSync(join(root, "node_modules", ".bin", name), text, { mode: 0o755 });
    }
    await stage.leave();
    // As `npm run` makes it, and as somebody's shell may have it.
    stage.state.env.PATH = `${root}/node_modules/.bin:node_modules/.bin:${stage.state.env.PATH}`;
    await stage.join();
    stage.model.script("path", ["cat a.txt", "ls", "git log -1", "grep one a.txt"].map(shell));
    const job = await stage.run(agent, "Work. [[scenario path]]", { cwd: root, approval_policy: "suggest" });
    assert.equal(job.status, "done", job.output);
    assert.deepEqual(repository.ran(), [], job.output);
  });

  Deno.test(`hostile repository: ${agent} below its top, with the user's MCP servers, starts none of the project's`, async () => {
    await using stage = await AgentStage.set({
      agents: [agent],
      config: { agents: { [agent]: { mcp: "inherit" } } },
    });
    const log = join(stage.state.workspace("user-log"), "hooks.txt");
    const repository = hostileRepository(stage.state.workspace("repository"));
    userSettings(stage, { log, roots: [repository.root] });
    for (const policy of ["suggest", "auto-edit"] as const) {
      stage.model.script(policy, [shell("git status"), shell("git diff")]);
      const job = await stage.run(agent, `Work. [[scenario ${policy}]]`, {
        cwd: `${repository.root}/below`,
        approval_policy: policy,
      });
      assert.equal(job.status, "done", `${policy}: ${job.output}`);
      assert.deepEqual(repository.ran(), [], policy);
      assert.ok(told(stage, policy).includes(MEMORY[agent]), `${policy}: the project's memory is missing`);
    }
  });
}

/** The first request to the model. */
function told(stage: AgentStage, scenario: string): string {
  return JSON.stringify(stage.model.modelRequests(scenario)[0]?.body);
}

/** As it is now; a git directory that was moved away is a change too. */
function executed(repository: HostileRepository): Record<string, string> | null {
  try {
    return repository.executed();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
