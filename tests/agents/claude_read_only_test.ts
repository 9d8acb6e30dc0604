/**
 * Tests of the hook that keeps Claude Code's shell from writing under `suggest`: the real script in a real shell.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  editingSettings,
  readOnlyHook,
  readOnlySettings,
  repositoryHook,
} from "../../src/agents/claude/read_only.ts";

const CWD = Deno.cwd();

async function isAllowed(
  input: Record<string, unknown>,
  { hook = readOnlyHook(CWD), cwd = CWD }: { hook?: string; cwd?: string } = {},
): Promise<boolean> {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", hook],
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const call = { session_id: "s", hook_event_name: "PreToolUse", tool_name: "Bash", tool_input: input };
  await writer.write(new TextEncoder().encode(JSON.stringify(call)));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assert.equal(code, 0);
  assert.equal(new TextDecoder().decode(stderr), "");
  const said = new TextDecoder().decode(stdout);
  if (said === "") return true;
  assert.equal(JSON.parse(said).hookSpecificOutput.permissionDecision, "deny");
  return false;
}

const READING = [
  "ls",
  "ls -la src",
  "git status",
  "git --no-pager diff HEAD~3 -- src/main.ts",
  "git log --oneline -5",
  "git log -1 --format='%h (%an) %s'",
  'git log --grep="fix: it" --since=2.weeks',
  "git show HEAD:src/main.ts | head -40",
  "git diff main...HEAD --stat 2>/dev/null",
  "git status; git diff | wc -l",
  "cd src && ls",
  "git stash list || true".replace("git stash list", "git rev-parse HEAD@{1}"),
  "grep -rn 'a|b;c$' src | head -n 5",
  "cat a.txt 2>&1",
];

const WRITING = [
  "touch x",
  "rm -rf .",
  "ls > x",
  "ls >> x",
  "ls 2> x",
  "ls; touch x",
  "ls | tee x",
  "ls & touch x",
  "ls $(touch x)",
  "ls `touch x`",
  'ls "$(touch x)"',
  'ls "`touch x`"',
  "ls\ntouch x",
  "ls <(touch x)",
  "git commit -am x",
  "git checkout main",
  "git diff --output=x",
  "git diff '--output=x'",
  'git diff "--output=x"',
  "git diff --ou''tput=x",
  "git diff --o{u,}tput=x",
  "git diff --ext-diff",
  "git diff --ext",
  "git log --show-signature",
  "git log --show-s",
  "git log --alternate-refs",
  "git cat-file --filters HEAD:a.txt",
  "git -C nested status",
  "git --git-dir=nested/.git status",
  "git --exec-path=. status",
  "cd nested && git status",
  "cd nested; git status",
  "ls && cd nested&&git status",
  "find . -exec ./evil.sh ;",
  "rg --pre ./evil.sh x",
  "./evil.sh",
  "sh evil.sh",
  "git planted",
  "git -c core.pager='touch x' log",
  "git log *",
  "git branch new",
  "find . -delete",
  "find . -exec touch x ;",
  "sort -o x a",
  "sed -i s/a/b/ x",
  "env touch x",
  "PAGER=x git log",
  "npm run build",
  "ls 'a' 'b",
  "",
];

Deno.test("the read-only hook lets plain reading commands pass", async () => {
  for (const command of READING) assert.equal(await isAllowed({ command }), true, command);
  assert.equal(await isAllowed({ description: 'says "command":"rm"', command: "ls" }), true);
});

Deno.test("the read-only hook refuses everything else", async () => {
  for (const command of WRITING) assert.equal(await isAllowed({ command }), false, command);
});

Deno.test("the read-only hook is not misled by other members of the call", async () => {
  assert.equal(await isAllowed({ command: "rm x", description: '"command":"ls"' }), false);
  assert.equal(await isAllowed({ other: { command: "ls" }, command: "rm x" }), false);
  assert.equal(await isAllowed({}), false);
});

Deno.test("git is refused in another repository than the job's, whichever directory the shell is in", async () => {
  const root = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const nested = `${root}/nested`;
    const below = `${root}/below`;
    for (const path of [nested, below]) Deno.mkdirSync(path);
    for (const cwd of [root, nested]) {
      assert.ok((await new Deno.Command("git", { args: ["init", "-q"], cwd }).output()).success);
    }
    for (const hook of [readOnlyHook(root), repositoryHook(root)]) {
      const allowed = (cwd: string, command: string) => isAllowed({ command }, { hook, cwd });
      assert.deepEqual(
        [
          await allowed(root, "git status"),
          await allowed(below, "git status"),
          await allowed(nested, "git status"),
          await allowed(nested, "ls"),
        ],
        [true, true, false, true],
      );
    }
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

Deno.test("the settings put the hook before every shell command, deny a .git and keep hooks switched on", () => {
  const hooks = (settings: string): [string, string][] =>
    JSON.parse(settings).hooks.PreToolUse.map(({ matcher, hooks }: Record<string, { command: string }[]>) => [
      matcher,
      hooks?.[0]?.command,
    ]);
  const [bash, mcp] = hooks(readOnlySettings("/w"));
  assert.deepEqual([bash, mcp?.[0]], [["Bash", readOnlyHook("/w")], "mcp__.*"]);
  assert.deepEqual(hooks(editingSettings("/w")), [["Bash", repositoryHook("/w")]]);
  for (const settings of [readOnlySettings("/w"), editingSettings("/w")].map((text) => JSON.parse(text))) {
    assert.equal(settings.disableAllHooks, false);
    assert.deepEqual(settings.permissions, { deny: ["Edit(//**/.git)", "Edit(//**/.git/**)"] });
  }
});
