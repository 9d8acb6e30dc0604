/**
 * Tests of room `agents`: the command lines of Codex.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readOnlyHookSettings } from "../../src/agents/codex/read_only.ts";
import { codexDriver } from "../../src/agents/codex/driver.ts";
import type { ApprovalPolicy } from "../../src/domain/agent/policy.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";

const PLAN: TurnPlan = {
  executable: "/usr/bin/codex",
  version: "0.169.0",
  cwd: "/home/dev/repo",
  policy: "auto-edit",
  model: null,
  sessionId: null,
  newSessionId: "00000000-0000-4000-8000-000000000000",
  gitDirs: ["/home/dev/repo/.git"],
  nestedRepositories: [],
  untrustedRoots: [],
  tempDirs: ["/tmp"],
  promptFile: "/state/jobs/x/turns/1/prompt.md",
  scratchDir: "/state/jobs/x/turns/1/scratch",
  extraArgs: [],
  mcp: "inherit",
  isRoot: false,
};

const COMMON = ["exec", "--json", "--skip-git-repo-check", "-C", "/home/dev/repo"];
const BOUNDED = ["-c", "features.unbounded_connection_retries=false"];
/** Under `suggest` a hook refuses all but plain reading. */
const READING = [...BOUNDED, ...readOnlyHookSettings().flatMap((setting) => ["-c", setting])];

Deno.test("codex command: one sandbox for each policy, the prompt on stdin, nothing in argv", () => {
  const levels = {
    "suggest": ["-s", "read-only"],
    "auto-edit": ["-s", "workspace-write"],
    "full-auto": ["--dangerously-bypass-approvals-and-sandbox"],
  } as const;
  for (const policy of ["suggest", "auto-edit", "full-auto"] as const) {
    assert.deepEqual(codexDriver.command({ ...PLAN, policy }), {
      args: [...COMMON, ...levels[policy], ...(policy === "suggest" ? READING : BOUNDED), "-"],
      env: {},
      stdin: "prompt",
    });
  }
});

function writable(plan: Partial<TurnPlan>): string[] {
  const { args } = codexDriver.command({ ...PLAN, ...plan });
  return args.filter((arg) => /^--add-dir|exclude_/.test(arg));
}

Deno.test("codex command: no git directory is made writable, in no policy", () => {
  const gitDirs = ["/home/dev/repo/.git", "/home/dev/repo/.git/worktrees/side"];
  for (const policy of ["suggest", "auto-edit", "full-auto"] as const) {
    assert.deepEqual(writable({ policy, gitDirs, nestedRepositories: [] }), []);
  }
});

Deno.test("codex command: a repository in a writable directory is named, so that its .git is protected", () => {
  const nestedRepositories = ["/home/dev/repo/vendor/x"];
  assert.deepEqual(writable({ nestedRepositories }), ["--add-dir=/home/dev/repo/vendor/x"]);
  assert.deepEqual(writable({ policy: "suggest", nestedRepositories }), []);
  const cwd = "/tmp/x/repo/below";
  assert.deepEqual(writable({ cwd, gitDirs: ["/tmp/x/repo/.git"] }), ["--add-dir=/tmp/x/repo"]);
  assert.deepEqual(writable({ cwd: "/tmp/x/repo", gitDirs: ["/tmp/x/repo/.git"] }), []);
  assert.deepEqual(
    writable({ cwd: "/home/dev/side", gitDirs: ["/tmp/x/repo/.git", "/tmp/x/repo/.git/worktrees/side"] }),
    ["--add-dir=/tmp/x/repo"],
  );
});

Deno.test("codex command: a bare git directory among temporary files closes those directories", () => {
  assert.deepEqual(
    writable({ cwd: "/home/dev/side", gitDirs: ["/tmp/x/bare", "/tmp/x/bare/worktrees/side"] }),
    [
      "sandbox_workspace_write.exclude_slash_tmp=true",
      "sandbox_workspace_write.exclude_tmpdir_env_var=true",
    ],
  );
});

Deno.test("codex command: settings of the project count nowhere that the user may have trusted", () => {
  const { args } = codexDriver.command({ ...PLAN, untrustedRoots: ["/home/dev/repo", '/home/"x"'] });
  assert.ok(
    args.includes(
      'projects={"/home/dev/repo"={trust_level="untrusted"},"/home/\\"x\\""={trust_level="untrusted"}}',
    ),
  );
  assert.equal(codexDriver.memoriesLeftOut?.(PLAN), null);
  assert.notEqual(codexDriver.memoriesLeftOut?.({ ...PLAN, untrustedRoots: ["/home/dev/repo"] }), null);
});

Deno.test("codex command: a reply passes everything again, before the word resume", () => {
  const sessionId = "01a1f8bc-80ec-7be1-92bf-a8d8c3e533f0";
  const { args } = codexDriver.command({
    ...PLAN,
    sessionId,
    model: "gpt-x",
    extraArgs: ["--color", "never"],
  });
  assert.deepEqual(args, [
    ...COMMON,
    "-s",
    "workspace-write",
    "--model=gpt-x",
    ...BOUNDED,
    "--color",
    "never",
    "resume",
    sessionId,
    "-",
  ]);
});

Deno.test("codex command: without MCP each configured server is switched off by its quoted name", () => {
  const off = ["-c", "features.plugins=false", "-c", "features.apps=false"];
  assert.deepEqual(codexDriver.command({ ...PLAN, policy: "suggest", mcp: "none" }).args, [
    ...COMMON,
    "-s",
    "read-only",
    ...READING,
    ...off,
    "-",
  ]);
  const { args } = codexDriver.command({
    ...PLAN,
    policy: "suggest",
    mcp: "none",
    mcpServers: ["docs", 'odd."name"'],
  });
  assert.deepEqual(args, [
    ...COMMON,
    "-s",
    "read-only",
    ...READING,
    ...off,
    "-c",
    'mcp_servers={"docs"={enabled=false},"odd.\\"name\\""={enabled=false}}',
    "-",
  ]);
});

Deno.test("codex command: --full-auto is never used and a model cannot become an option", () => {
  for (const policy of ["suggest", "auto-edit", "full-auto"] as const) {
    for (const sessionId of [null, "01a1f8bc-80ec-7be1-92bf-a8d8c3e533f0"]) {
      const { args } = codexDriver.command({ ...PLAN, policy, sessionId, model: "--full-auto" });
      assert.ok(!args.includes("--full-auto"));
      assert.ok(args.includes("--model=--full-auto"));
    }
  }
});

Deno.test("codex: the native binary is looked for beside npm's launcher and inside of its package", () => {
  const launcher = "/usr/lib/node_modules/@openai/codex/bin/codex.js";
  assert.deepEqual(codexDriver.nativeCandidates?.(launcher, { os: "linux", arch: "x86_64" }), [
    "/usr/lib/node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex",
    "/usr/lib/node_modules/@openai/codex/node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex",
    "/usr/lib/node_modules/@openai/codex/vendor/x86_64-unknown-linux-musl/bin/codex",
  ]);
  assert.equal(
    codexDriver.nativeCandidates?.("C:\\npm\\node_modules\\@openai\\codex\\bin\\codex.js", {
      os: "windows",
      arch: "x86_64",
    })[0],
    "C:\\npm\\node_modules\\@openai\\codex-win32-x64\\vendor\\x86_64-pc-windows-msvc\\bin\\codex.exe",
  );
  assert.deepEqual(
    codexDriver.nativeCandidates?.("/opt/homebrew/bin/codex", { os: "darwin", arch: "aarch64" }),
    [],
  );
  assert.deepEqual(codexDriver.nativeCandidates?.(launcher, { os: "freebsd", arch: "x86_64" }), []);
});

Deno.test("codex: version, login and MCP servers are read from the CLI's own words", () => {
  assert.equal(codexDriver.readVersion("codex-cli 0.169.0\n"), "0.169.0");
  assert.equal(codexDriver.readVersion("codex-cli 0.170.0-alpha.2\n"), "0.170.0-alpha.2");
  assert.equal(codexDriver.readVersion("something else"), null);
  assert.equal(codexDriver.login?.read(0, "", "Logged in using ChatGPT\n"), true);
  assert.equal(codexDriver.login?.read(1, "", "Not logged in\n"), false);
  assert.equal(codexDriver.login?.read(1, "", "Error loading config.toml"), null);
  const listed = JSON.stringify([{ name: "a", enabled: true }, { name: "b", enabled: false }, {
    name: "c d",
  }]);
  assert.deepEqual(codexDriver.mcpList?.read(0, listed), ["a", "c d"]);
  assert.equal(codexDriver.mcpList?.read(1, ""), null);
  assert.equal(codexDriver.mcpList?.read(0, "no servers"), null);
});

const SCHEMA = {
  type: "object",
  properties: { answer: { type: "array", items: { type: "string" } } },
  required: ["answer"],
  additionalProperties: false,
};

Deno.test("codex command: a schema that a strict server takes is a file, any other one is left to the prompt", () => {
  const command = codexDriver.command({ ...PLAN, resultSchema: SCHEMA });
  const file = "/state/jobs/x/turns/1/scratch/result_schema.json";
  assert.deepEqual(command.args.slice(-3), ["--output-schema", file, "-"]);
  assert.deepEqual(command.files, { "result_schema.json": JSON.stringify(SCHEMA) });
  assert.equal(codexDriver.takesResultSchema?.(SCHEMA), true);

  const { required: _required, ...optional } = SCHEMA;
  const loose: Record<string, unknown>[] = [
    {},
    optional,
    { ...SCHEMA, additionalProperties: true },
    { ...SCHEMA, properties: { answer: { type: "object" } } },
    { ...SCHEMA, properties: { answer: { type: "string", oneOf: [] } } },
    { type: "array", items: SCHEMA },
    { ...SCHEMA, anyOf: [SCHEMA] },
    { ...SCHEMA, properties: { answer: true } },
  ];
  for (const schema of loose) {
    assert.equal(codexDriver.takesResultSchema?.(schema), false, JSON.stringify(schema));
    assert.deepEqual(codexDriver.command({ ...PLAN, resultSchema: schema }), codexDriver.command(PLAN));
  }
});

Deno.test("codex command: a person goes on with a session at a terminal, in the job's sandbox", () => {
  const { executable, version, cwd } = PLAN;
  const args = (policy: ApprovalPolicy, model: string | null = null) =>
    codexDriver.interactive?.({ executable, version, cwd, policy, model, sessionId: "t1" }).args;
  const place = ["resume", "--no-daemon", "-C", "/home/dev/repo"];
  assert.deepEqual(args("suggest"), [...place, "-s", "read-only", "-a", "on-request", "t1"]);
  assert.deepEqual(args("auto-edit"), [...place, "-s", "workspace-write", "-a", "on-request", "t1"]);
  assert.deepEqual(args("ask"), args("auto-edit"));
  const older = { executable, version: "0.147.0", cwd, policy: "ask", model: null, sessionId: "t1" } as const;
  assert.deepEqual(
    codexDriver.interactive?.(older).args.slice(0, 3),
    ["resume", "-c", "features.daemon_auto_start=false"],
  );
  assert.deepEqual(args("full-auto", "m"), [
    ...place,
    "--dangerously-bypass-approvals-and-sandbox",
    "--model=m",
    "t1",
  ]);
});
