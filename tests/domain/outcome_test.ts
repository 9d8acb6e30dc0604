/**
 * Tests of room `domain`: a turn is done only on evidence, and the first cause wins.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Evidence, judge } from "../../src/domain/turn/outcome.ts";
import { ErrorReason, StopCause } from "../../src/domain/job/reason.ts";
import { type Failure, Verdict } from "../../src/domain/turn/turn.ts";

const NOTHING: Evidence = {
  end: { kind: "exited", code: 0 },
  terminal: null,
  stop: null,
  endedAfterGrace: false,
  diagnosis: null,
  stderrTail: "",
};
const SUCCESS = { word: { ok: true }, offset: 50 } as const;
const LIMIT: Failure = { reason: "quota_exhausted", message: "limit", hint: "wait", retry_at: 99 };

function reasonFor(evidence: Partial<Evidence>): string {
  const verdict = judge({ ...NOTHING, ...evidence });
  assert.deepEqual(Verdict.parse(verdict), verdict);
  return verdict.reason;
}

Deno.test("judge: done needs the agent's word of success and an exit code of 0", () => {
  assert.equal(reasonFor({ terminal: SUCCESS }), "completed");
  assert.equal(reasonFor({}), "no_result");
  assert.equal(reasonFor({ terminal: SUCCESS, end: { kind: "exited", code: 1 } }), "exit_code");
  assert.equal(reasonFor({ terminal: SUCCESS, end: { kind: "vanished" } }), "lost");
  assert.equal(reasonFor({ end: { kind: "vanished" } }), "lost");
  assert.equal(reasonFor({ end: { kind: "exited", code: 137 } }), "exit_code");
});

Deno.test("judge: of an agent that prints only text nobody says that it had reported success", () => {
  const end = { kind: "exited", code: 3 } as const;
  const message = (word: { ok: true; isImplied?: true }) => {
    const verdict = judge({ ...NOTHING, end, terminal: { word, offset: 5 } });
    return verdict.status === "error" ? verdict.error : null;
  };
  assert.equal(message({ ok: true, isImplied: true }), "The agent ended with exit code 3");
  assert.equal(message({ ok: true }), "The agent ended with exit code 3 after it had reported success");
});

Deno.test("judge: an agent that would not leave after its word of success is done", () => {
  for (const end of [{ kind: "exited", code: 143 }, { kind: "vanished" }] as const) {
    assert.equal(reasonFor({ terminal: SUCCESS, endedAfterGrace: true, end }), "completed");
  }
});

Deno.test("judge: a report is the word of success of an agent without a last word, with exit code 0 or ended by us", () => {
  const wasReported = true;
  assert.equal(reasonFor({ wasReported }), "completed");
  assert.equal(
    reasonFor({ wasReported, endedAfterGrace: true, end: { kind: "exited", code: 143 } }),
    "completed",
  );
  assert.equal(reasonFor({ wasReported, end: { kind: "exited", code: 1 } }), "exit_code");
  assert.equal(reasonFor({ wasReported, end: { kind: "vanished" } }), "lost");
  assert.equal(reasonFor({ wasReported, diagnosis: LIMIT }), "quota_exhausted");
  const word = { ok: false, failure: LIMIT } as const;
  assert.equal(
    reasonFor({ wasReported, endedAfterGrace: true, terminal: { word, offset: 5 } }),
    "quota_exhausted",
  );
  const stop = { cause: "timed_out", at: 0, read_bytes: 9 } as const;
  assert.equal(reasonFor({ wasReported, endedAfterGrace: true, stop }), "timed_out");
});

Deno.test("judge: no combination without a word of success is ever done", () => {
  const ends = [{ kind: "exited", code: 0 }, { kind: "exited", code: 1 }, { kind: "vanished" }] as const;
  const words = [null, { word: { ok: false, failure: LIMIT }, offset: 50 } as const];
  const stops = [null, ...StopCause.options.map((cause) => ({ cause, at: 0, read_bytes: 40 }))];
  for (const end of ends) {
    for (const terminal of words) {
      for (const stop of stops) {
        for (const endedAfterGrace of [false, true]) {
          for (const diagnosis of [null, LIMIT]) {
            const verdict = judge({ ...NOTHING, end, terminal, stop, endedAfterGrace, diagnosis });
            assert.notEqual(verdict.status, "done");
          }
        }
      }
    }
  }
});

Deno.test("judge: a stop before the agent's last word is the reason, after it is not", () => {
  for (const cause of StopCause.options) {
    const reason = cause === "superseded" ? "cancelled" : cause;
    assert.equal(reasonFor({ stop: { cause, at: 0, read_bytes: 40 }, terminal: SUCCESS }), reason);
    assert.equal(reasonFor({ stop: { cause, at: 0, read_bytes: 60 }, terminal: SUCCESS }), "completed");
    assert.equal(reasonFor({ stop: { cause, at: 0, read_bytes: 51 }, terminal: SUCCESS }), "completed");
    assert.equal(reasonFor({ stop: { cause, at: 0, read_bytes: 60 } }), reason);
    assert.equal(
      reasonFor({
        stop: { cause, at: 0, read_bytes: 60 },
        terminal: SUCCESS,
        end: { kind: "exited", code: 143 },
      }),
      reason,
    );
  }
});

Deno.test("judge: the agent's own failure comes before what its end looks like, a diagnosis after its word", () => {
  const terminal = { word: { ok: false, failure: LIMIT }, offset: 50 } as const;
  const diagnosis: Failure = { reason: "auth_required", message: "login", hint: null, retry_at: null };
  assert.deepEqual(judge({ ...NOTHING, terminal, diagnosis }), {
    status: "error",
    reason: "quota_exhausted",
    error: "limit",
    hint: "wait",
    retry_at: 99,
  });
  assert.equal(reasonFor({ diagnosis, end: { kind: "exited", code: 1 } }), "auth_required");
  assert.equal(reasonFor({ diagnosis, terminal: SUCCESS }), "completed");
});

Deno.test("judge: an exit code is told in words, with the end of stderr", () => {
  const verdictFor = (code: number, stderrTail = "") => {
    const verdict = judge({ ...NOTHING, end: { kind: "exited", code }, stderrTail });
    assert.ok(verdict.status === "error");
    return verdict;
  };
  const errorFor = (code: number, stderrTail = "") => verdictFor(code, stderrTail).error;
  assert.equal(
    errorFor(3, "  bad flag\n"),
    "The agent ended with exit code 3 without reporting a result: bad flag",
  );
  assert.equal(
    errorFor(137),
    "The agent was ended by signal 9 (exit code 137) without reporting a result",
  );
  assert.match(verdictFor(137).hint ?? "", /Something other than agent-async ended it/);
  assert.equal(verdictFor(3).hint, null);
  // 502 modulo 256.
  assert.equal(errorFor(246), "The agent ended with exit code 246 without reporting a result");
});

Deno.test("reasons: every stop cause that nobody wanted is a reason of an error", () => {
  for (const cause of StopCause.options) {
    assert.equal(ErrorReason.safeParse(cause).success, cause !== "cancelled" && cause !== "superseded");
  }
});
