/** Rules that a project keeps for Cursor reach other agents, once for a session and again when they change. */
import assert from "node:assert/strict";
import { readCursorRules } from "../../src/scheduler/cursor_rules.ts";
import { LocalHarness } from "../support/local_harness.ts";

Deno.test("readCursorRules takes every rules file inside of cwd, without Cursor's own settings", async () => {
  await using harness = await LocalHarness.start();
  const { cwd } = harness.state;
  assert.equal(readCursorRules(cwd), "");
  Deno.mkdirSync(`${cwd}/.cursor/rules`, { recursive: true });
  Deno.writeTextFileSync(`${cwd}/.cursorrules`, "Use tabs.\n");
  Deno.writeTextFileSync(`${cwd}/.cursor/rules/b.mdc`, "---\nalwaysApply: true\n---\nTest first.\n");
  Deno.writeTextFileSync(`${cwd}/.cursor/rules/a.mdc`, "Be brief.");
  Deno.writeTextFileSync(`${harness.state.workspace("other")}/secret.md`, "secret");
  Deno.symlinkSync(`${harness.state.workspace("other")}/secret.md`, `${cwd}/.cursor/rules/c.md`);
  assert.equal(
    readCursorRules(cwd),
    '<rules path=".cursorrules">\nUse tabs.\n</rules>\n' +
      '<rules path=".cursor/rules/a.mdc">\nBe brief.\n</rules>\n' +
      '<rules path=".cursor/rules/b.mdc">\nTest first.\n</rules>',
  );
});

Deno.test("a session is told the rules once, and again when they have changed", async () => {
  await using harness = await LocalHarness.start();
  const { cwd, home } = harness.state;
  Deno.writeTextFileSync(`${cwd}/.cursorrules`, "Use tabs.");
  const { job_id } = await harness.run("say one");
  await harness.ended(job_id);
  await harness.reply(job_id, "say two");
  await harness.ended(job_id);
  Deno.writeTextFileSync(`${cwd}/.cursorrules`, "Use spaces.");
  await harness.reply(job_id, "say three");
  await harness.ended(job_id);
  const prompts = [1, 2, 3].map((turn) =>
    Deno.readTextFileSync(`${home}/jobs/${job_id}/turns/${turn}/prompt.md`)
  );
  const rules = (text: string) =>
    `Follow the rules of this project:\n<rules path=".cursorrules">\n${text}\n</rules>\n\n`;
  assert.deepEqual(prompts, [`${rules("Use tabs.")}say one`, "say two", `${rules("Use spaces.")}say three`]);
});
