/** The hook that keeps Codex to plain reading under `suggest`, run by the real sh with calls as Codex gives them. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  CODEX_READ_ONLY_REASON,
  HOOK_DIGEST,
  HOOK_IDENTITY,
  readOnlyHookSettings,
} from "../../src/agents/codex/read_only.ts";

/** The command of the hook, out of the setting that Codex is given. */
function hookCommand(): string {
  const setting = readOnlyHookSettings().find((text) => text.startsWith("hooks.PreToolUse=")) ?? "";
  return JSON.parse(/command=("(?:[^"\\]|\\.)*"),timeout/.exec(setting)?.[1] ?? '""');
}

/** What the hook says to a call, by the command. */
function judged(commands: readonly string[]): Record<string, string> {
  const said = commands.map((command) => {
    const call = JSON.stringify({
      session_id: "x",
      cwd: '/work/a "command":"cat x"',
      hook_event_name: "PreToolUse",
      tool_name: "Bash",
      tool_input: { command },
      tool_use_id: "call_1",
    });
    const script = `printf '%s' "$1" | sh -c "$2"`;
    const { stdout, code } = new Deno.Command("sh", { args: ["-c", script, "sh", call, hookCommand()] })
      .outputSync();
    assert.equal(code, 0);
    return [command, new TextDecoder().decode(stdout).trim()];
  });
  return Object.fromEntries(said);
}

const READING = [
  "cat a.txt",
  "sed -n '1,200p' src/main.ts",
  "sed -n 5p a.txt | head -n 2",
  'sed -n "1,$p" a.txt',
  "rg --files",
  'rg -n "READ|x" src -g "*.ts"',
  "rg -n 'a\\.b' .",
  "find . -name '*.ts' -type f",
  "ls -la && nl -ba a.txt",
  "cat a.txt | sort -u | uniq -c",
  "git diff HEAD~1 -- src/a.ts",
  "git log --oneline -5",
  "pwd",
];

const REFUSED = [
  "./evil.sh",
  "sh evil.sh",
  "cat a.txt; ./evil.sh",
  "cat a.txt\n./evil.sh",
  "cat $(./evil.sh)",
  "cat `./evil.sh`",
  "cat <(./evil.sh)",
  "PATH=. evil.sh",
  "sed -n '1e ./evil.sh' a.txt",
  "sed -n 1p a.txt -e '1e ./evil.sh'",
  "sed -n 1p a.txt '-e1e ./evil.sh'",
  'sed -n 1p a.txt "-e1e ./evil.sh"',
  "sed -n 1p a.txt --expression='1e ./evil.sh'",
  "sed -n 1p -f evil.sed a.txt",
  "rg --pre ./evil.sh x",
  "rg '--pre' ./evil.sh x",
  'rg "--pre=./evil.sh" x',
  "rg --hostname-bin ./evil.sh x",
  "find . -exec ./evil.sh {} ;",
  "find . '-exec' ./evil.sh {} +",
  "find . -ok ./evil.sh {} +",
  "find . -execdir ./evil.sh {} +",
  "sort --compress-program=./evil.sh a.txt",
  "sort --comp=./evil.sh a.txt",
  "sort '--compress-program=./evil.sh' a.txt",
  "git -c alias.x=!./evil.sh x",
  "git diff --ext-diff",
  "git log -p --textconv",
  "git grep -O./evil.sh x",
  "git cat-file --textconv HEAD:a.txt",
  "cd nested && git status",
  "awk 'BEGIN{system(\"./evil.sh\")}'",
  "xargs ./evil.sh",
  "env ./evil.sh",
  "bash -c ./evil.sh",
  "cat *",
  "cat a.txt > b.txt",
  "cat a.txt | ./evil.sh",
  "cat a.txt & ./evil.sh",
  "npm test",
  "",
];

const NOT_UNIX = Deno.build.os === "windows";

Deno.test({
  name: "the hook lets plain reading through, and answers everything else with what may be done",
  ignore: NOT_UNIX,
  fn() {
    assert.deepEqual(judged(READING), Object.fromEntries(READING.map((command) => [command, ""])));
    const denial = JSON.stringify({
      hookSpecificOutput: {
        hookEventName: "PreToolUse",
        permissionDecision: "deny",
        permissionDecisionReason: CODEX_READ_ONLY_REASON,
      },
    });
    assert.deepEqual(judged(REFUSED), Object.fromEntries(REFUSED.map((command) => [command, denial])));
  },
});

Deno.test("the hook's digest is that of what it runs", () => {
  assert.equal(HOOK_DIGEST, createHash("sha256").update(JSON.stringify(HOOK_IDENTITY)).digest("hex"));
});
