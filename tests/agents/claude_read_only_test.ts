/**
 * Tests of the hook that keeps Claude Code's shell from writing under `suggest`: the real script in a real shell.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readOnlyHook, readOnlySettings } from "../../src/agents/claude_read_only.ts";

async function isAllowed(input: Record<string, unknown>): Promise<boolean> {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", readOnlyHook()],
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
  "git -C /some/repo log --oneline -5",
  "git log -1 --format='%h (%an) %s'",
  'git log --grep="fix: it" --since=2.weeks',
  "git show HEAD:src/main.ts | head -40",
  "git diff main...HEAD --stat 2>/dev/null",
  "cd src && git status; git diff | wc -l",
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

Deno.test("the read-only settings put the hook before every shell command and keep hooks switched on", () => {
  assert.deepEqual(JSON.parse(readOnlySettings()), {
    disableAllHooks: false,
    hooks: {
      PreToolUse: [{ matcher: "Bash", hooks: [{ type: "command", command: readOnlyHook(), timeout: 60 }] }],
    },
  });
});
