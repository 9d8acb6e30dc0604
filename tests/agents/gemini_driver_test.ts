/** The Gemini CLI's command line, its guard of prompts, and what its end means. */
import assert from "node:assert/strict";
import type { TurnPlan } from "../../src/agents/driver.ts";
import { geminiDriver } from "../../src/agents/gemini.ts";
import { guardGeminiPrompt } from "../../src/agents/gemini_prompt.ts";

const PLAN: TurnPlan = {
  executable: "/bin/gemini",
  version: "0.61.0",
  cwd: "/repo",
  policy: "auto-edit",
  model: null,
  sessionId: null,
  newSessionId: "5f0c5b4e-0000-4000-8000-000000000000",
  gitDirs: [],
  promptFile: "/state/prompt.md",
  scratchDir: "/state/scratch",
  extraArgs: [],
  mcp: "none",
  isRoot: false,
};

Deno.test("gemini command: policies, model, MCP isolation and the configuration's arguments", () => {
  const args = (change: Partial<TurnPlan>) => geminiDriver.command({ ...PLAN, ...change }).args;
  const fixed = ["--output-format", "stream-json", "--skip-trust", "--approval-mode"];
  const policyFile = ["--admin-policy", "/state/scratch/policy.toml"];
  const noMcp = "--allowed-mcp-server-names=agent-async-allows-none";
  assert.deepEqual(args({}), [...fixed, "auto_edit", ...policyFile, noMcp]);
  assert.deepEqual(args({ policy: "suggest" }), [...fixed, "default", ...policyFile, noMcp]);
  assert.deepEqual(
    args({ policy: "full-auto", model: "gemini-2.5-pro", mcp: "inherit", extraArgs: ["--debug"] }),
    [...fixed, "yolo", ...policyFile, "--model", "gemini-2.5-pro", "--debug"],
  );
  const { stdin, env } = geminiDriver.command(PLAN);
  assert.equal(stdin, "prompt");
  assert.equal(env["GEMINI_CLI_NO_RELAUNCH"], "true");
});

Deno.test("gemini version: its only line", () => {
  assert.equal(geminiDriver.readVersion("0.61.0\n"), "0.61.0");
  assert.equal(
    geminiDriver.readVersion("warning: old node 18.1.0 found\n0.62.0-preview.1\n"),
    "0.62.0-preview.1",
  );
  assert.equal(geminiDriver.readVersion("nothing"), null);
});

Deno.test("gemini prompt: what the CLI would expand is guarded, all else is left alone", () => {
  const note = "\n\n(In the text above, \\@ stands for the at sign alone.)";
  for (
    const plain of ["fix it", "--help", "// a comment", "a / b", "me @ home", "@", "@, @.", "é 😀\r\n\0"]
  ) {
    const guarded = guardGeminiPrompt(plain);
    assert.equal(guarded.trimStart(), plain.trimStart());
  }
  assert.equal(guardGeminiPrompt("/help me"), "\n/help me");
  assert.equal(guardGeminiPrompt("read @a.ts"), `read \\@a.ts${note}`);
  assert.equal(guardGeminiPrompt("ann@example.com"), `ann\\@example.com${note}`);
  assert.equal(guardGeminiPrompt("@@x \\@y"), `\\@\\@x \\@y${note}`);
});

Deno.test("gemini diagnosis: exit codes that are HTTP statuses modulo 256, and its own", () => {
  const reason = (code: number, stderr = "") =>
    geminiDriver.diagnose({ end: { kind: "exited", code }, stderr, startedAt: 0 })?.reason ?? null;
  assert.deepEqual(
    [41, 42, 52, 53, 55, 126, 127, 144, 145, 147, 173, 244, 247].map((code) => reason(code)),
    [
      "auth_required",
      "agent_error",
      "agent_error",
      "agent_error",
      "agent_error",
      "spawn_failed",
      "spawn_failed",
      "agent_error",
      "auth_required",
      "auth_required",
      "quota_exhausted",
      "agent_error",
      "agent_error",
    ],
  );
  // Signals, and ends that say nothing.
  assert.deepEqual([0, 1, 130, 137, 139, 143].map((code) => reason(code)), [
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
  assert.equal(geminiDriver.diagnose({ end: { kind: "vanished" }, stderr: "quota", startedAt: 0 }), null);
});

Deno.test("gemini diagnosis: stderr without its chatter, with a hint", () => {
  const diagnose = (code: number, stderr: string) =>
    geminiDriver.diagnose({ end: { kind: "exited", code }, stderr, startedAt: 1_000 });
  const auth = diagnose(41, "YOLO mode is enabled.\nPlease set an Auth method in your settings.json\n");
  assert.equal(auth?.message, "Gemini CLI is not logged in: Please set an Auth method in your settings.json");
  assert.equal(auth?.hint, geminiDriver.hints.login);
  const arguments_ = diagnose(
    1,
    "Usage: gemini [options]\n\nOptions:\n  -h\n\nUnknown argument: skip-trust\n",
  );
  assert.equal(arguments_?.message, "Gemini CLI refused its arguments: Unknown argument: skip-trust");
  assert.match(arguments_?.hint ?? "", /Upgrade/);
  assert.equal(diagnose(173, "Please retry in 5s.")?.retry_at, 6_000);
});
