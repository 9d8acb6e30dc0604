/**
 * Tests of room `domain`: what callers see of a job, and the small rules about trees, policies and ids.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AgentAsyncError, invalidArgument, isAgentAsyncError } from "../../src/domain/errors.ts";
import { EVENT_TYPES } from "../../src/domain/event/event.ts";
import { EventBody } from "../../src/domain/event/event_body.ts";
import { AgentName, JOB_ID_ALPHABET, JobId } from "../../src/domain/job/ids.ts";
import type { Job } from "../../src/domain/job/job.ts";
import { ApprovalPolicy, isWithinPolicy, mayWrite } from "../../src/domain/agent/policy.ts";
import type { JobFindings } from "../../src/domain/job/findings.ts";
import { Brief, JobResult, preview } from "../../src/domain/job/result.ts";
import { toBrief, toJobResult } from "../../src/domain/job/shown_job.ts";
import { treesMeet } from "../../src/domain/job/tree.ts";
import { NO_USAGE } from "../../src/domain/turn/usage.ts";
import { newJob } from "../support/new_job.ts";

const CREATED = Date.UTC(2026, 0, 1);
const JOB: Job = {
  ...newJob({ id: "00000001", created_at: CREATED, prompt: "Fix\nthe   build" }),
  number: 1,
  state: { status: "pending", since: CREATED, not_before: null },
};
const FINDINGS: JobFindings = {
  result: null,
  output: "out",
  totals: { usage: NO_USAGE, files_changed: ["/a"], commands_run: 2 },
  possiblyTruncated: false,
  sessionId: null,
  cursor: 4,
};

Deno.test("result: a pending job", () => {
  assert.deepEqual(toJobResult(JOB, FINDINGS, { waitingFor: "a slot" }, CREATED + 5), {
    job_id: "00000001",
    agent: "codex",
    status: "pending",
    exit_code: null,
    result: null,
    output: "out",
    files_changed: ["/a"],
    commands_run: 2,
    usage: NO_USAGE,
    possibly_truncated: false,
    session_id: null,
    turn: 1,
    cwd: "/tmp/project",
    approval_policy: "auto-edit",
    prompt: "Fix\nthe   build",
    waiting_for: "a slot",
    created_at: "2026-01-01T00:00:00.000Z",
    started_at: null,
    finished_at: null,
    duration_seconds: null,
    cursor: 4,
  });
});

Deno.test("result: a running job has a duration so far and an activity, a failed one its reason", () => {
  const started = { ...JOB, started_at: CREATED + 1_000, session_id: "kept", queue: [2], parent: "00000002" };
  const running = toJobResult(
    { ...started, state: { status: "running", since: CREATED + 1_000, stop: null } },
    FINDINGS,
    { activity: "thinking", lastEventAt: CREATED + 2_000 },
    CREATED + 3_500,
  );
  assert.deepEqual(
    [running.duration_seconds, running.activity, running.last_event_at, running.session_id],
    [2.5, "thinking", "2026-01-01T00:00:02.000Z", "kept"],
  );
  assert.deepEqual([running.queued_replies, running.parent], [1, "00000002"]);
  const failed = toJobResult(
    {
      ...started,
      state: {
        status: "error",
        reason: "quota_exhausted",
        error: "limit",
        hint: "wait",
        retry_at: CREATED + 60_000,
        finished_at: CREATED + 5_000,
        exit_code: 1,
      },
    },
    FINDINGS,
    {},
    CREATED + 99_000,
  );
  assert.deepEqual(
    [failed.reason, failed.error, failed.hint, failed.retry_at, failed.exit_code, failed.duration_seconds],
    ["quota_exhausted", "limit", "wait", "2026-01-01T00:01:00.000Z", 1, 4],
  );
  for (const result of [running, failed]) assert.deepEqual(JobResult.parse(result), result);
  const setBack = { ...started, state: { status: "running", since: CREATED, stop: null } } as const;
  assert.equal(toJobResult(setBack, FINDINGS, {}, CREATED - 60_000).duration_seconds, 0);
});

Deno.test("brief: one short line of the prompt", () => {
  const brief = toBrief({ ...JOB, prompt: "word ".repeat(100) });
  assert.equal([...brief.prompt].length, 80);
  assert.deepEqual(Brief.parse(brief), brief);
  assert.equal(toBrief(JOB).prompt, "Fix the build");
});

Deno.test("preview: whole characters on one line, an ellipsis only where more follows", () => {
  const cases: [string, number, string][] = [
    ["short", 10, "short"],
    ["exactly 10", 10, "exactly 10"],
    ["exactly 11!", 10, "exactly 1…"],
    ["  a\n\tb  ", 10, "a b"],
    ["", 5, ""],
    [" \n ", 5, ""],
    ["👍👍👍", 3, "👍👍👍"],
    ["👍👍👍👍", 3, "👍👍…"],
    [`${" ".repeat(5_000)}late`, 10, "late"],
    [`a${" ".repeat(5_000)}b`, 10, "a b"],
    [`${"👍".repeat(20)}`, 5, "👍👍👍👍…"],
  ];
  for (const [text, chars, short] of cases) assert.equal(preview(text, chars), short);
  assert.equal(preview("x".repeat(1_000_000), 80).length, 80);
});

Deno.test("trees: writers meet in the same work tree and in a directory around it", () => {
  const git = (root: string) => ({ kind: "git", root }) as const;
  const plain = (root: string) => ({ kind: "plain", root }) as const;
  const cases = [
    [git("/a"), git("/a"), true],
    [git("/a"), git("/a/b"), false],
    [git("/a"), git("/b"), false],
    [plain("/a"), plain("/a"), true],
    [plain("/a"), plain("/a/b"), true],
    [plain("/a"), plain("/ab"), false],
    [plain("/a"), git("/a/b"), true],
    [git("/a"), plain("/a/b"), false],
    [plain("/"), git("/x"), true],
    [plain("/a"), git("/a"), true],
  ] as const;
  for (const [a, b, meet] of cases) {
    assert.equal(treesMeet(a, b), meet, JSON.stringify([a, b]));
    assert.equal(treesMeet(b, a), meet, JSON.stringify([b, a]));
  }
});

Deno.test("policies: ordered from the most careful, and only suggest cannot write", () => {
  const order = ["suggest", "auto-edit", "full-auto"] as const;
  for (const [index, policy] of order.entries()) {
    for (const [cap, limit] of order.entries()) assert.equal(isWithinPolicy(policy, limit), index <= cap);
  }
  assert.deepEqual(ApprovalPolicy.options.filter(mayWrite), ["auto-edit", "ask", "full-auto"]);
});

Deno.test("ids: the pattern and the alphabet say the same", () => {
  for (let code = 0; code < 0x250; code++) {
    const character = String.fromCharCode(code);
    assert.equal(
      JobId.safeParse(character.repeat(8)).success,
      JOB_ID_ALPHABET.includes(character),
      character,
    );
  }
  for (const id of ["0000000", "000000000", "../00000", "0000000\n"]) assert.ok(!JobId.safeParse(id).success);
  for (const name of ["Codex", "1up", "", "a".repeat(33), "a b", "../x"]) {
    assert.ok(!AgentName.safeParse(name).success, name);
  }
});

Deno.test("events: the list of types is the union's", () => {
  assert.deepEqual(EventBody.options.map(({ shape }) => shape.type.value).sort(), [...EVENT_TYPES].sort());
});

Deno.test("errors: name the argument and can be told by their code", () => {
  const error = invalidArgument("cwd", "must be absolute", "Give the whole path.");
  assert.deepEqual([error.code, error.message, error.hint], [
    "invalid_argument",
    "cwd: must be absolute",
    "Give the whole path.",
  ]);
  assert.ok(isAgentAsyncError(error) && isAgentAsyncError(error, "invalid_argument"));
  assert.ok(!isAgentAsyncError(error, "not_found") && !isAgentAsyncError(new Error("x")));
  assert.equal(new AgentAsyncError("internal", "m", { cause: 1 }).cause, 1);
});
