/** The Gemini CLI's command line, its guard of prompts, and what its end means. */
import assert from "node:assert/strict";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import { geminiDriver } from "../../src/agents/gemini/driver.ts";
import { guardGeminiPrompt } from "../../src/agents/gemini/prompt.ts";

const PLAN: TurnPlan = {
  executable: "/bin/gemini",
  version: "0.61.0",
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

Deno.test("gemini command: policies, model, MCP isolation and the configuration's arguments", () => {
  const args = (change: Partial<TurnPlan>) => geminiDriver.command({ ...PLAN, ...change }).args;
  const fixed = ["--output-format", "stream-json", "--approval-mode"];
  const policyFile = ["--skip-trust", "--admin-policy", "/state/scratch/policy.toml"];
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
  const files = new Set(["a.ts", "types", "x y.md"]);
  const guard = (prompt: string) => guardGeminiPrompt(prompt, { hasPath: (path) => files.has(path) });
  const plain = [
    "fix it",
    "--help",
    "a / b",
    "me @ home",
    "@",
    "@, @.",
    "é 😀\r\n\0",
    "write to ann@example.com, or <bo@x.org>",
    "npm i @scope/pkg @types/node",
    "@x @Injectable() @media (print)",
    "git@github.com:a/b.git",
    "\\@a.ts",
  ];
  for (const prompt of plain) assert.equal(guard(prompt), prompt);
  assert.equal(guard("/help me"), "\n/help me");
  assert.equal(guard("read @a.ts, not @b.ts"), `read \\@a.ts, not @b.ts${note}`);
  assert.equal(guard("an@types"), `an\\@types${note}`);
  assert.equal(guard('@"x y.md" @"z.md"'), `\\@"x y.md" @"z.md"${note}`);
  // Its search takes wildcards, and its own agents have names.
  assert.equal(guard("@b* @cli_help"), `\\@b* \\@cli_help${note}`);
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

Deno.test("gemini diagnosis: a login that is missing is one, whatever exit code says so", () => {
  const said = "Please set an Auth method in your settings.json or specify GEMINI_API_KEY";
  for (const code of [41, 42, 52, 144]) {
    const failure = geminiDriver.diagnose({ end: { kind: "exited", code }, stderr: said, startedAt: 0 });
    assert.deepEqual([failure?.reason, failure?.hint], ["auth_required", geminiDriver.hints.login]);
  }
  const settings = { end: { kind: "exited", code: 52 }, stderr: "Unexpected token", startedAt: 0 } as const;
  assert.equal(geminiDriver.diagnose(settings)?.reason, "agent_error");
});

Deno.test("gemini failures: RetryInfo says when to try again, wherever it stands and however it is quoted", () => {
  const info = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.5s" };
  const body = JSON.stringify({ error: { code: 429, message: "quota", details: [info] } });
  const shapes = [
    { message: `[API Error: ${body}]` },
    { message: `[API Error: ${JSON.stringify(body)}]` },
    { message: "quota", details: [info] },
    { message: "quota", cause: { retryDelayMs: 34_500 } },
  ];
  for (const error of shapes) {
    const line = JSON.stringify({
      type: "result",
      timestamp: "1970-01-01T00:00:01Z",
      status: "error",
      error,
    });
    const { terminal } = geminiDriver.reader({ sessionId: null, sessionUsage: null, startedAt: 9 }).read(
      line,
    );
    assert.ok(terminal?.ok === false, line);
    assert.deepEqual([terminal.failure.reason, terminal.failure.retry_at], ["quota_exhausted", 35_500], line);
  }
  for (const stderr of ["retryDelay: '34.5s'", "  retryDelayMs: 34500,\n", body]) {
    const failure = geminiDriver.diagnose({ end: { kind: "exited", code: 173 }, stderr, startedAt: 1_000 });
    assert.deepEqual([failure?.reason, failure?.retry_at], ["quota_exhausted", 35_500], stderr);
  }
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
