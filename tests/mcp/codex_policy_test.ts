/**
 * Codex's words for what a job may do never end in more than they say.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isWithinPolicy } from "../../src/domain/agent/policy.ts";
import {
  CODEX_POLICIES,
  CODEX_SANDBOXES,
  type CodexPolicy,
  type CodexSandbox,
  readCodexPolicy,
} from "../../src/mcp/tools/earlier/codex_policy.ts";

const SANDBOXED = {
  "read-only": "suggest",
  "workspace-write": "auto-edit",
  "danger-full-access": "full-auto",
} as const;

const ASKS = { canAsk: true };
const ASKS_NOBODY = { canAsk: false };

Deno.test("Codex's sandbox is a policy, and never asking leaves it as it is", () => {
  for (const sandbox of CODEX_SANDBOXES) {
    assert.deepEqual(readCodexPolicy(sandbox, undefined, ASKS), { policy: SANDBOXED[sandbox] });
    assert.deepEqual(readCodexPolicy(sandbox, "never", ASKS), { policy: SANDBOXED[sandbox] });
  }
  assert.deepEqual(readCodexPolicy(undefined, undefined, ASKS), { policy: undefined });
  assert.deepEqual(readCodexPolicy(undefined, "full-auto", ASKS), { policy: "full-auto" });
});

Deno.test("who wants to be asked is asked, except where a job only reads", () => {
  for (const word of ["ask", "on-request", "on-failure", "untrusted"] as const) {
    for (const sandbox of [undefined, "workspace-write", "danger-full-access"] as const) {
      assert.deepEqual(readCodexPolicy(sandbox, word, ASKS), { policy: "ask" });
    }
    if (word === "ask") continue;
    assert.deepEqual(readCodexPolicy("read-only", word, ASKS), {
      policy: "suggest",
      adjusted: `approval_policy: a job that only reads does not ask, so suggest was taken for ${word}`,
    });
  }
});

Deno.test("who wants to be asked by a Codex that cannot gets what can be done without asking, and is told", () => {
  assert.deepEqual(readCodexPolicy("danger-full-access", "on-request", ASKS_NOBODY), {
    policy: "auto-edit",
    adjusted: "approval_policy: a job cannot ask, so auto-edit was taken for on-request",
  });
  assert.equal(readCodexPolicy("read-only", "untrusted", ASKS_NOBODY).policy, "suggest");
});

Deno.test("no pair of words gives more than the sandbox does", () => {
  const pairs = CODEX_SANDBOXES.flatMap((sandbox: CodexSandbox) =>
    CODEX_POLICIES.map((word: CodexPolicy) => [sandbox, word] as const)
  );
  for (const asks of [ASKS, ASKS_NOBODY]) {
    for (const [sandbox, word] of pairs) {
      let policy;
      try {
        ({ policy } = readCodexPolicy(sandbox, word, asks));
      } catch (error) {
        assert.match(String(error), /give one of them/);
        continue;
      }
      // What lies beyond a sandbox is asked for under `ask`; one that only reads lets nothing be asked for.
      const isAsked = policy === "ask" && sandbox !== "read-only";
      assert.ok(
        policy !== undefined && (isAsked || isWithinPolicy(policy, SANDBOXED[sandbox])),
        `${sandbox} ${word}`,
      );
    }
  }
});
