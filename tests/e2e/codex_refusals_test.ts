/** What a job of the real Codex CLI ends with when the model's server refuses. */
import assert from "node:assert/strict";
import { refuse, type Step, usageLimit } from "../model/scenario.ts";
import { CodexStage, WAYS } from "../support/codex_stage.ts";

for (const { way, live } of WAYS) {
  Deno.test(`codex refusals, ${way}: reason, hint and the time to try again`, async () => {
    await using stage = await CodexStage.set({ live, config: { limits: { total: 2 } } });
    const resetsAt = Math.floor(Date.now() / 1000) + 3 * 86_400;
    const cases: Record<string, { step: Step; reason: string; hint: RegExp; retryAt?: string }> = {
      unauthorized: { step: refuse(401), reason: "auth_required", hint: /codex login/ },
      limit: {
        step: usageLimit({ resetsAtSeconds: resetsAt }),
        reason: "quota_exhausted",
        hint: /job_reply after retry_at/,
        // Codex tells minutes.
        retryAt: new Date(Math.floor(resetsAt / 60) * 60_000).toISOString(),
      },
      broken: { step: refuse(500), reason: "agent_error", hint: /continue later with job_reply/ },
    };
    for (const [name, { step }] of Object.entries(cases)) stage.model.script(name, [], step);
    const ids = await Promise.all(
      Object.keys(cases).map((name) =>
        stage.host.start(`Try. [[scenario ${name}]]`, { approval_policy: "suggest" })
      ),
    );
    const jobs = await Promise.all(ids.map((id) => stage.host.ended(id)));
    for (const [index, { reason, hint, retryAt }] of Object.values(cases).entries()) {
      const job = jobs[index];
      assert.deepEqual([job?.status, job?.reason], ["error", reason], job?.output);
      // A server that was asked for a turn ends well when the turn did not.
      assert.equal(job?.exit_code, live ? 0 : 1);
      assert.match(job?.hint ?? "", hint);
      assert.equal(job?.retry_at, retryAt);
      assert.ok((job?.error ?? "") !== "");
    }
  });
}
