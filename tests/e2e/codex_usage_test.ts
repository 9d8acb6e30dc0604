/** What a turn of the real Codex CLI has used that was cancelled, and so did not say it. */
import assert from "node:assert/strict";
import { z } from "zod";
import { answer, shell, text } from "../model/scenario.ts";
import { CodexStage, WAYS } from "../support/codex_stage.ts";
import { eventually } from "../support/eventually.ts";

const USED = { input: 300, cached: 200, output: 30, reasoning: 7 };

for (const { way, live } of WAYS) {
  Deno.test(`codex usage, ${way}: of a cancelled turn it is what the model's answers had told, and a reply counts from there`, async () => {
    await using stage = await CodexStage.set({ live });
    stage.model.script("held", [answer([shell("echo began >> log; sleep 600")], { usage: USED })]);
    stage.model.script("more", [answer([text("Done.")], { usage: USED })]);
    const id = await stage.host.start("Hold on. [[scenario held]]");
    await eventually(() => stage.file("log") === "began\n", { what: "the shell command" });
    await stage.host.call("job_cancel", { job_id: id }, z.object({ status: z.literal("cancelled") }));
    const job = await stage.host.poll(id);
    assert.deepEqual([job.status, job.usage], ["cancelled", {
      input_tokens: 300,
      cached_input_tokens: 200,
      output_tokens: 30,
      reasoning_tokens: 7,
      total_tokens: 330,
    }]);
    await stage.host.call("job_reply", { job_id: id, prompt: "Go on. [[scenario more]]" }, z.object({}));
    const again = await stage.host.ended(id);
    assert.deepEqual([again.status, again.usage.total_tokens], ["done", 660]);
  });
}
