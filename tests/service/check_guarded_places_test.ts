/**
 * Where no job works below `full-auto`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { LocalHarness } from "../support/local_harness.ts";

/** Who may work where, with the reason for what is refused. */
async function refusals(harness: LocalHarness, cwd: string): Promise<string[]> {
  const said: string[] = [];
  for (const policy of ["suggest", "auto-edit", "full-auto"] as const) {
    try {
      const { job_id } = await harness.run("say here", { cwd, approval_policy: policy });
      await harness.ended(job_id);
    } catch (error) {
      said.push(`${policy}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return said;
}

function refused(cwd: string, how: string): string[] {
  const message = `cwd: ${cwd} ${how}: what a job changes there would be run later, outside of its sandbox`;
  return [`suggest: ${message}`, `auto-edit: ${message}`];
}

Deno.test("a directory that contains the state directory, or lies in it, is refused below full-auto", async () => {
  await using harness = await LocalHarness.start();
  const { home } = harness.state;
  const place = `the state directory of agent-async (${home})`;
  for (
    const [cwd, verb] of [[join(home, ".."), "contains"], [home, "contains"], [
      join(home, "jobs"),
      "lies in",
    ]] as const
  ) {
    assert.deepEqual(await refusals(harness, cwd), refused(cwd, `${verb} ${place}`));
  }
  const link = harness.state.workspace("links") + "/to-it";
  Deno.symlinkSync(home, link);
  assert.deepEqual(await refusals(harness, link), refused(link, `contains ${place}`));
  assert.deepEqual(await refusals(harness, harness.state.cwd), []);
});

Deno.test("so is one whose repository contains it, and a reply to a job that began with more rights", async () => {
  await using harness = await LocalHarness.start();
  const root = join(harness.state.home, "..");
  Deno.mkdirSync(`${root}/.git`);
  Deno.writeTextFileSync(`${root}/.git/HEAD`, "ref: refs/heads/main\n");
  const { cwd, home } = harness.state;
  assert.deepEqual(
    await refusals(harness, cwd),
    refused(`the repository ${root} around ${cwd}`, `contains the state directory of agent-async (${home})`),
  );
  const { job_id } = await harness.run("say all", { approval_policy: "full-auto" });
  await harness.ended(job_id);
  await assert.rejects(
    harness.service.reply({
      job_id,
      prompt: "say less",
      approval_policy: "auto-edit",
      origin: harness.origin,
    }),
    { code: "invalid_argument", message: /contains the state directory/ },
  );
});

Deno.test("so are a user's settings of coding agents, and not the work trees that hosts keep beside them", async () => {
  await using harness = await LocalHarness.start();
  const { HOME = "" } = harness.state.env;
  assert.deepEqual(await refusals(harness, HOME), [], "nothing is there yet that could be changed");
  Deno.mkdirSync(`${HOME}/.cursor/worktrees/app`, { recursive: true });
  Deno.mkdirSync(`${HOME}/.cursor/rules`);
  Deno.mkdirSync(`${HOME}/project`);
  const place = `the configuration of a coding agent (${HOME}/.cursor)`;
  assert.deepEqual(await refusals(harness, HOME), refused(HOME, `contains ${place}`));
  assert.deepEqual(
    await refusals(harness, `${HOME}/.cursor/rules`),
    refused(`${HOME}/.cursor/rules`, `lies in ${place}`),
  );
  for (const cwd of [`${HOME}/.cursor/worktrees/app`, `${HOME}/project`]) {
    assert.deepEqual(await refusals(harness, cwd), []);
  }
});
