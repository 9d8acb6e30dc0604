/** How a job is called in a line. */
import assert from "node:assert/strict";
import { called, jobLine } from "../../src/domain/job/job_line.ts";

Deno.test("a job is called by its title, and without one by its prompt, on one line", () => {
  const prompt = " Explain\n\tthe build ";
  assert.equal(jobLine({ prompt }), "Explain the build");
  assert.deepEqual(called({ prompt }), { by: "prompt", line: "Explain the build" });
  assert.deepEqual(called({ prompt, title: "Why it\nfails" }), { by: "title", line: "Why it fails" });
});
