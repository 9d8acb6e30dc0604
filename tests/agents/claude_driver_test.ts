/**
 * Tests of room `agents`: Claude Code's command line, versions, login check and guard of prompts.
 *
 * @module
 */
import assert from "node:assert/strict";
import { claudeDriver } from "../../src/agents/claude/driver.ts";
import { editingSettings, readOnlySettings } from "../../src/agents/claude/read_only.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";

const PLAN: TurnPlan = {
  executable: "/bin/claude",
  version: "2.1.197",
  cwd: "/repo",
  policy: "auto-edit",
  model: null,
  sessionId: null,
  newSessionId: "5f0c5b4e-0000-4000-8000-000000000000",
  gitDirs: [],
  nestedRepositories: [],
  untrustedRoots: [],
  tempDirs: [],
  promptFile: "/state/prompt.md",
  scratchDir: "/state/scratch",
  extraArgs: [],
  mcp: "none",
  isRoot: false,
};

const FIXED = ["-p", "--output-format", "stream-json", "--verbose"];
const NEW = ["--session-id", PLAN.newSessionId];
const OWN_SETTINGS = ["--setting-sources", "user", "--add-dir", "."];
const NO_WAKE_UP = ["--disallowedTools", "ScheduleWakeup"];

function command(change: Partial<TurnPlan>) {
  return claudeDriver.command({ ...PLAN, ...change });
}

/** A place without a file. */
const EMPTY = { hasPath: () => false };

Deno.test("claude command: a start and a follow-up", () => {
  const own = [...OWN_SETTINGS, "--settings", editingSettings(PLAN.cwd)];
  const edits = ["--permission-mode", "acceptEdits"];
  assert.deepEqual(command({}).args, [
    ...FIXED,
    ...NEW,
    "--strict-mcp-config",
    ...own,
    ...edits,
    ...NO_WAKE_UP,
  ]);
  assert.deepEqual(command({ sessionId: "s1", model: "opus", mcp: "inherit" }).args, [
    ...FIXED,
    "--resume",
    "s1",
    "--model",
    "opus",
    ...own,
    ...edits,
    ...NO_WAKE_UP,
  ]);
});

Deno.test("claude command: the policy comes after the configuration's arguments, so that they cannot widen it", () => {
  assert.deepEqual(command({ policy: "suggest", extraArgs: ["--permission-mode", "auto"] }).args, [
    ...FIXED,
    ...NEW,
    "--strict-mcp-config",
    "--permission-mode",
    "auto",
    ...OWN_SETTINGS,
    "--permission-mode",
    "dontAsk",
    "--tools",
    "Read,Glob,Grep,Bash,WebFetch,WebSearch,Task,Agent,TodoWrite,TaskCreate,TaskGet,TaskList,TaskUpdate",
    "--settings",
    readOnlySettings(PLAN.cwd),
    "--disallowedTools",
    "ScheduleWakeup,Write,Edit,MultiEdit,NotebookEdit",
  ]);
});

Deno.test("claude command: full-auto, which the superuser must be in a sandbox for", () => {
  const { args, env, stdin } = command({ policy: "full-auto", isRoot: true });
  assert.deepEqual(args.slice(-4), ["--permission-mode", "bypassPermissions", ...NO_WAKE_UP]);
  assert.equal(env["IS_SANDBOX"], "1");
  assert.equal(stdin, "prompt");
  assert.equal("IS_SANDBOX" in command({ policy: "full-auto" }).env, false);
  assert.equal("IS_SANDBOX" in command({ isRoot: true }).env, false);
});

Deno.test("claude command: one answer per run, no updates and no traffic of its own", () => {
  assert.deepEqual(command({ policy: "full-auto" }).env, {
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
    CLAUDE_CODE_DISABLE_CRON: "1",
  });
});

Deno.test("claude command: the project's settings count under full-auto alone, and its memories always", () => {
  for (const policy of ["suggest", "auto-edit", "full-auto"] as const) {
    const { args, env } = command({ policy });
    const isOwn = policy !== "full-auto";
    assert.equal(args.join(" ").includes("--setting-sources user --add-dir ."), isOwn);
    assert.equal(env["CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD"], isOwn ? "1" : undefined);
  }
});

Deno.test("claude version: only Claude Code's own", () => {
  assert.equal(claudeDriver.readVersion("2.1.197 (Claude Code)\n"), "2.1.197");
  assert.equal(claudeDriver.readVersion("claude 1.0.0\n"), null);
});

Deno.test("claude login: by what it says and not by its exit code", () => {
  const read = (text: string) => claudeDriver.login?.read(1, text, "");
  assert.equal(read('{"loggedIn": true, "authMethod": "api_key"}'), true);
  assert.equal(read('{"loggedIn": false}'), false);
  assert.equal(read("error: unknown command 'auth'"), null);
  assert.equal(read("{}"), null);
});

Deno.test("claude prompt: a command is made text, all else is left alone", () => {
  assert.equal(claudeDriver.guardPrompt?.("/compact", EMPTY), "\n/compact");
  for (const prompt of ["do /compact", " /x", "@a.ts", "--help", ""]) {
    assert.equal(claudeDriver.guardPrompt?.(prompt, EMPTY), prompt);
  }
});
