/**
 * Tests of room `agents`: why Codex failed, from its own words.
 *
 * @module
 */
import assert from "node:assert/strict";
import { codexFailure, codexRefusals, diagnoseCodex } from "../../src/agents/codex/failures.ts";
import { codexDriver } from "../../src/agents/codex/driver.ts";
import { readAll, recordedLines } from "../support/recorded.ts";

const STARTED = new Date(2026, 10, 20, 13, 30).getTime();

function reasonOf(name: string): string | null {
  const { terminal } = readAll(codexDriver, recordedLines(`codex/err-${name}.jsonl`));
  return terminal?.ok === false ? terminal.failure.reason : null;
}

Deno.test("codex failures: recorded failures have the right reason", () => {
  const reasons = {
    "e400": "agent_error",
    "e401": "auth_required",
    "e403": "agent_error",
    "e404": "agent_error",
    "e429": "quota_exhausted",
    "e429ra": "quota_exhausted",
    "e429usage": "quota_exhausted",
    "e500": "agent_error",
    "e503": "agent_error",
    "failed_ctx": "agent_error",
    "failed_quota": "quota_exhausted",
    "failed_rate": "quota_exhausted",
    "failed_other": "agent_error",
    "hang": "agent_error",
    "incomplete": "agent_error",
  };
  assert.deepEqual(Object.fromEntries(Object.keys(reasons).map((name) => [name, reasonOf(name)])), reasons);
});

Deno.test("codex failures: what was refused is on stderr alone", () => {
  const router = "2026-11-28T02:05:16.902694Z ERROR codex_core::tools::router: error=";
  const rm = "rejected: rm -f style commands are not permitted. Use a safer approach";
  const refused = [
    `${router}patch rejected: writing is blocked by read-only sandbox; rejected by user approval settings`,
    `${router}exec_command failed: CreateProcess { message: "Rejected(\\"\`/bin/bash -lc 'rm -rf c'\` ${rm}\\")" }`,
    `${router}unsupported call: update_plan`,
    `${router}patch rejected: writing is blocked by read-only sandbox; rejected by user approval settings`,
  ];
  assert.deepEqual(codexRefusals(refused.join("\n")), [
    "patch rejected: writing is blocked by read-only sandbox",
    `\`/bin/bash -lc 'rm -rf c'\` ${rm}`,
  ]);
  // `app-server` writes its log in colour, and what a person has refused is an event.
  const coloured = (error: string) =>
    `\x1b[2m2026-11-28T19:17:49Z\x1b[0m \x1b[31mERROR\x1b[0m \x1b[2mcodex_core::tools::router\x1b[0m\x1b[2m:\x1b[0m ` +
    `\x1b[3merror\x1b[0m\x1b[2m=\x1b[0m${error}`;
  const colours = [
    "patch rejected: writing outside of the project; rejected by user approval settings",
    'exec_command failed: CreateProcess { message: "Rejected(\\"rejected by user\\")" }',
    "patch rejected by user",
  ].map(coloured);
  assert.deepEqual(codexRefusals(colours.join("\n")), ["patch rejected: writing outside of the project"]);
  assert.deepEqual(codexRefusals("Reading additional input from stdin...\n"), []);
});

Deno.test("codex failures: trouble of the model's server is told as such", () => {
  for (const name of ["e500", "e503"]) {
    const { terminal } = readAll(codexDriver, recordedLines(`codex/err-${name}.jsonl`));
    assert.match(terminal?.ok === false ? terminal.failure.hint ?? "" : "", /continue later with job_reply/);
  }
});

Deno.test("codex failures: a usage limit names when it ends", () => {
  const ends: Record<string, number | null> = {
    "You've hit your usage limit. Upgrade to Pro or try again at 3:05 PM.": new Date(2026, 10, 20, 15, 5)
      .getTime(),
    "You’ve hit your usage limit. Try again at 9:12 AM.": new Date(2026, 10, 21, 9, 12).getTime(),
    "You've hit your usage limit. To get more access now, send a request to your admin or try again at Dec 3rd, 2026 9:12 AM.":
      new Date(2026, 11, 3, 9, 12).getTime(),
    "You've hit your usage limit. Try again in 5 days 2 hours 3 minutes.": STARTED +
      ((5 * 24 + 2) * 60 + 3) * 60_000,
    "You've hit your usage limit. Try again in 3 minutes.": STARTED + 180_000,
    "You've hit your usage limit. Try again in less than a minute.": STARTED + 60_000,
    "You've hit your usage limit. Try again later.": null,
  };
  for (const [message, retryAt] of Object.entries(ends)) {
    const failure = codexFailure(message, STARTED);
    assert.equal(failure.reason, "quota_exhausted", message);
    assert.equal(failure.retry_at, retryAt, message);
  }
});

Deno.test("codex failures: no login is told with what to do", () => {
  for (
    const message of [
      "unexpected status 401 Unauthorized: Missing bearer or basic authentication in header",
      "Not logged in",
      "Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.",
    ]
  ) {
    assert.deepEqual(codexFailure(message, STARTED), {
      reason: "auth_required",
      message,
      hint: "Run `codex login` in a terminal, or set CODEX_API_KEY in the environment of the host.",
      retry_at: null,
    });
  }
  assert.equal(
    codexFailure("Missing environment variable: `MY_KEY`.", STARTED).hint,
    "Set MY_KEY in the environment of the host, or run `codex login`.",
  );
});

Deno.test("codex failures: the message of a raw JSON body is unwrapped", () => {
  assert.deepEqual(codexFailure('{"error":{"message":"mock says 400","type":"x"}}', STARTED), {
    reason: "agent_error",
    message: "mock says 400",
    hint: null,
    retry_at: null,
  });
  assert.equal(codexFailure('{"detail":"The model is odd"}', STARTED).message, "The model is odd");
  assert.equal(codexFailure("{half", STARTED).message, "{half");
});

Deno.test("codex failures: what stderr tells of a process that never began", () => {
  const cases: [number, string, string | null, RegExp | null][] = [
    [2, "error: unexpected argument '--json' found\n\nUsage: codex exec", "agent_error", /npm install -g/],
    [
      1,
      "Not inside a trusted directory and --skip-git-repo-check was not specified.\n",
      "agent_error",
      /git repository/,
    ],
    [
      1,
      "Error: thread/resume: thread/resume failed: no rollout found for thread id 01 (code -32600)\n",
      "agent_error",
      /start a new job/,
    ],
    [1, "Error: thread 01 already has an active writer (code -32600)", "agent_error", /close it/],
    [1, "Error: Unknown feature flag: x\n", "agent_error", /Upgrade/],
    [
      1,
      "Error loading config.toml: unknown variant `nope`\nin `sandbox_mode`\n",
      "agent_error",
      /config\.toml/,
    ],
    [1, "Error: Model provider `nope` not found\n", "agent_error", /config\.toml/],
    [1, "Error finding codex home: CODEX_HOME points to ...", "agent_error", /create it/],
    [1, "Error: Not logged in\n", "auth_required", /codex login/],
    [127, "/usr/bin/env: 'node': No such file or directory\n", "spawn_failed", /needs node/],
    [127, "", "spawn_failed", /Install it/],
    [126, "", "spawn_failed", /Install it/],
    [101, "thread 'main' panicked at ...", "agent_error", /upgrade/],
    [1, "2026-11-20T13:30:00Z ERROR codex_core: some log line\n", null, null],
    [143, "Error: Not logged in", null, null],
    [0, "Error: Not logged in", null, null],
  ];
  for (const [code, stderr, reason, hint] of cases) {
    const failure = diagnoseCodex({ end: { kind: "exited", code }, stderr, startedAt: STARTED });
    assert.equal(failure?.reason ?? null, reason, `${code} ${stderr}`);
    if (hint !== null) assert.match(failure?.hint ?? "", hint);
  }
  assert.equal(
    diagnoseCodex({ end: { kind: "vanished" }, stderr: "Error: Not logged in", startedAt: 0 }),
    null,
  );
});
