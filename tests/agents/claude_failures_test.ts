/**
 * Tests of room `agents`: what Claude Code means when it fails.
 *
 * @module
 */
import assert from "node:assert/strict";
import { claudeFailure, diagnoseClaude } from "../../src/agents/claude/failures.ts";
import { CLAUDE_HINTS } from "../../src/agents/claude/profile.ts";
import { readResetTime } from "../../src/agents/claude/reset_time.ts";

/** A Wednesday. */
const SINCE = Date.UTC(2026, 9, 7, 14, 30);

function fail(message: string, more: { kinds?: string[]; status?: number; resetsAt?: number } = {}) {
  return claudeFailure({
    message,
    kinds: more.kinds ?? [],
    status: more.status ?? null,
    resetsAt: more.resetsAt ?? null,
    since: SINCE,
  });
}

Deno.test("claude failures: usage limits, with the time they end", () => {
  assert.deepEqual(fail("Claude AI usage limit reached|1791900000"), {
    reason: "quota_exhausted",
    message: "Claude AI usage limit reached",
    hint:
      "Claude's usage limit is reached: continue with job_reply after retry_at, or start with another agent.",
    retry_at: 1_791_900_000_000,
  });
  for (
    const [message, retryAt] of [
      ["5-hour limit reached ∙ resets 3pm (UTC)", Date.UTC(2026, 9, 7, 15)],
      ["You've hit your session limit · resets 2:45pm (UTC)", Date.UTC(2026, 9, 7, 14, 45)],
      ["You've hit your limit · resets 1am (Europe/Berlin)", Date.UTC(2026, 9, 7, 23)],
      ["You've hit your weekly limit · resets Oct 9, 1pm (America/New_York)", Date.UTC(2026, 9, 9, 17)],
      ["You've hit your weekly limit · resets Oct 6 at 1pm (UTC)", Date.UTC(2027, 9, 6, 13)],
      ["Opus weekly limit reached", null],
      ["API Error: 429 rate_limit_error", null],
      ["Credit balance is too low", null],
    ] as const
  ) {
    const failure = fail(message);
    assert.deepEqual([failure.reason, failure.retry_at], ["quota_exhausted", retryAt], message);
  }
  assert.match(fail("Credit balance is too low").hint ?? "", /^The account has no credit left: add some/);
  assert.match(fail("Opus weekly limit reached").hint ?? "", /wait/);
  assert.equal(fail("Too fast", { status: 429, resetsAt: 5 }).retry_at, 5);
  assert.equal(fail("Too fast", { kinds: ["rate_limit"] }).reason, "quota_exhausted");
});

Deno.test("claude reset time: a clock time is the zone's, across a change of its clocks", () => {
  const beforeChange = Date.UTC(2026, 9, 24, 20);
  assert.equal(
    readResetTime("resets Oct 25 at 9am (Europe/Berlin)", beforeChange),
    Date.UTC(2026, 9, 25, 8),
  );
  assert.equal(readResetTime("resets 14:99pm (UTC)", SINCE), null);
  assert.equal(readResetTime("resets 3pm (Nowhere/Land)", SINCE), null);
  assert.equal(readResetTime("nothing of the kind", SINCE), null);
  assert.equal(readResetTime("resets 2:30pm (UTC)", SINCE), SINCE);
});

Deno.test("claude failures: a conversation that the model cannot take", () => {
  for (const message of ["Prompt is too long", "Request too large (max 32MB). Try with a smaller file."]) {
    assert.match(fail(message).hint ?? "", /start a new job with a summary/);
  }
});

Deno.test("claude failures: logins", () => {
  for (
    const failure of [
      fail("Not logged in · Please run /login", { kinds: ["authentication_failed"] }),
      fail("Failed to authenticate. API Error: 401 expired", { status: 401 }),
      fail("OAuth token has expired"),
      fail("Forbidden", { status: 403 }),
    ]
  ) {
    assert.deepEqual([failure.reason, failure.hint], ["auth_required", CLAUDE_HINTS.login]);
  }
});

Deno.test("claude failures: a process that only spoke on stderr", () => {
  const diagnose = (code: number, stderr: string) =>
    diagnoseClaude({ end: { kind: "exited", code }, stderr, startedAt: SINCE });
  assert.equal(diagnose(127, "sh: claude: not found")?.reason, "spawn_failed");
  assert.equal(diagnose(126, "")?.hint, CLAUDE_HINTS.install);
  assert.match(diagnose(1, "error: unknown option '--tools'\n")?.hint ?? "", /Upgrade/);
  assert.match(
    diagnose(1, "--dangerously-skip-permissions cannot be used with root/sudo privileges")?.hint ?? "",
    /another user/,
  );
  assert.match(diagnose(1, "Error: Session ID abc is already in use.")?.hint ?? "", /start the job again/);
  assert.equal(diagnose(1, "Invalid API key · Please run /login")?.reason, "auth_required");
  assert.equal(diagnose(1, "something odd"), null);
  assert.equal(diagnose(1, ""), null);
  assert.equal(diagnose(0, "Not logged in"), null);
  assert.equal(diagnose(143, "Not logged in"), null);
  assert.equal(diagnoseClaude({ end: { kind: "vanished" }, stderr: "", startedAt: 0 }), null);
});
