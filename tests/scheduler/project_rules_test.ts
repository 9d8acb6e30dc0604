/** Rules that a project keeps for Cursor reach other agents, once for a session and again when they change. */
import assert from "node:assert/strict";
import { readMemories, readRulesForOthers } from "../../src/scheduler/turn/project_rules.ts";
import { LocalHarness } from "../support/local_harness.ts";

Deno.test("readRulesForOthers takes every rules file inside of cwd, without Cursor's own settings", async () => {
  await using harness = await LocalHarness.start();
  const { cwd } = harness.state;
  assert.equal(readRulesForOthers(cwd, "codex"), "");
  Deno.mkdirSync(`${cwd}/.cursor/rules`, { recursive: true });
  Deno.writeTextFileSync(`${cwd}/.cursorrules`, "Use tabs.\n");
  Deno.writeTextFileSync(`${cwd}/.cursor/rules/b.mdc`, "---\nalwaysApply: true\n---\nTest first.\n");
  Deno.writeTextFileSync(`${cwd}/.cursor/rules/a.mdc`, "Be brief.");
  Deno.writeTextFileSync(`${harness.state.workspace("other")}/secret.md`, "secret");
  Deno.symlinkSync(`${harness.state.workspace("other")}/secret.md`, `${cwd}/.cursor/rules/c.md`);
  assert.equal(
    readRulesForOthers(cwd, "codex"),
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

Deno.test("readMemories: of each directory down from the top the first group that is there, less what the CLI reads", () => {
  const top = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const cwd = `${top}/a/b`;
    Deno.mkdirSync(`${cwd}/.claude`, { recursive: true });
    const write = (path: string, text: string) => Deno.writeTextFileSync(`${top}/${path}`, text);
    const memories = {
      groups: [["CLAUDE.md", ".claude/CLAUDE.md"], ["AGENTS.md"]],
      readsFirstInCwd: true,
    };
    const read = () => readMemories(cwd, { top, memories });
    const rules = (path: string, text: string) => `<rules path="${path}">\n${text}\n</rules>`;
    assert.equal(read(), "");
    write("CLAUDE.md", "top");
    write("AGENTS.md", "not this");
    write("a/AGENTS.md", "middle");
    write("a/b/AGENTS.md", "here");
    const above = [rules("../../CLAUDE.md", "top"), rules("../AGENTS.md", "middle")];
    assert.equal(read(), [...above, rules("AGENTS.md", "here")].join("\n"));
    write("a/b/.claude/CLAUDE.md", "read by the CLI");
    assert.equal(read(), above.join("\n"));
    Deno.symlinkSync("/etc/hostname", `${top}/a/CLAUDE.md`);
    assert.equal(read(), above.join("\n"), "a link that leads out of the project was followed");
    assert.equal(readMemories(`${top}/gone`, { top, memories }), "");
  } finally {
    Deno.removeSync(top, { recursive: true });
  }
});
