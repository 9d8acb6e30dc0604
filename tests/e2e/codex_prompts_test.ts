/** Prompts reach the model of the real Codex CLI as they were given to the MCP server. */
import assert from "node:assert/strict";
import { JobResult } from "../../src/domain/job/result.ts";
import { text } from "../model/scenario.ts";
import { CodexStage, WAYS } from "../support/codex_stage.ts";

const PROMPTS = {
  "one of 900,000 characters": "long 👍 x".repeat(100_000),
  "one that begins with an option": "--help",
  "one that is a command of Codex": "resume",
  "one with NUL, emoji, CRLF and spaces at its end": "nul \u0000 emoji 👩‍🚀 crlf\r\nend  \r\n",
};

for (const { way, live } of WAYS) {
  Deno.test(`codex prompts, ${way}: they arrive at the model as they were given, at the start and in a reply`, async () => {
    await using stage = await CodexStage.set({ live });
    assert.equal([...PROMPTS["one of 900,000 characters"]].length, 800_000);
    assert.equal(PROMPTS["one of 900,000 characters"].length, 900_000);
    for (const [name, prompt] of Object.entries(PROMPTS)) {
      stage.model.requests.length = 0;
      const job = await stage.host.ended(await stage.host.start(prompt));
      assert.equal(job.status, "done", `${name}: ${job.output}`);
      // Not deepEqual: its report of a difference would be as long as the prompt.
      const arrived = stage.model.prompts();
      assert.equal(arrived.length, 1);
      assert.ok(arrived[0] === prompt, name);
    }
    const begun = await stage.host.ended(await stage.host.start("Begin."));
    for (const [name, prompt] of Object.entries(PROMPTS)) {
      stage.model.requests.length = 0;
      // A thread of 900,000 characters is over what the next turn may say.
      if (prompt.length > 1_000) continue;
      stage.model.script("default", [text(name)]);
      await stage.host.call("job_reply", { job_id: begun.job_id, prompt }, JobResult.pick({ job_id: true }));
      const job = await stage.host.ended(begun.job_id);
      assert.equal(job.result, name, job.output);
      assert.ok(stage.model.prompts().at(-1) === prompt, name);
    }
  });
}
