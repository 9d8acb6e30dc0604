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

Deno.test("Codex's sandbox is a policy, and never asking leaves it as it is", () => {
  for (const sandbox of CODEX_SANDBOXES) {
    assert.deepEqual(readCodexPolicy(sandbox, undefined), { policy: SANDBOXED[sandbox] });
    assert.deepEqual(readCodexPolicy(sandbox, "never"), { policy: SANDBOXED[sandbox] });
  }
  assert.deepEqual(readCodexPolicy(undefined, undefined), { policy: undefined });
  assert.deepEqual(readCodexPolicy(undefined, "full-auto"), { policy: "full-auto" });
});

Deno.test("who wants to be asked gets no more than can be done without asking, and is told", () => {
  assert.deepEqual(readCodexPolicy("danger-full-access", "on-request"), {
    policy: "auto-edit",
    adjusted: "approval_policy: a job cannot ask, so auto-edit was taken for on-request",
  });
  assert.equal(readCodexPolicy("read-only", "untrusted").policy, "suggest");
});

Deno.test("no pair of words gives more than the sandbox does", () => {
  const pairs = CODEX_SANDBOXES.flatMap((sandbox: CodexSandbox) =>
    CODEX_POLICIES.map((word: CodexPolicy) => [sandbox, word] as const)
  );
  for (const [sandbox, word] of pairs) {
    let policy;
    try {
      ({ policy } = readCodexPolicy(sandbox, word));
    } catch (error) {
      assert.match(String(error), /give one of them/);
      continue;
    }
    assert.ok(policy !== undefined && isWithinPolicy(policy, SANDBOXED[sandbox]), `${sandbox} ${word}`);
  }
});
