/**
 * Jobs inside jobs with the real Codex, which hands its MCP servers none of its own environment: who is inside which job
 * is told by the processes alone.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { mcpCall, shell, text } from "../model/scenario.ts";
import { CodexStage } from "../support/codex_stage.ts";
import { hostEnvironment, programCommand } from "../support/program.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";

/** Of `job.json`. */
const Record = z.looseObject({ id: z.string(), parent: z.string().nullable(), depth: z.number() });

testUnless(
  NOT_LINUX,
  "codex: a job that its MCP server starts in its own directory is its child, and does not wait for it",
  async () => {
    await using stage = await CodexStage.set({ config: { agents: { codex: { mcp: "inherit" } } } });
    const { host, state, model } = stage;
    const [command, ...args] = programCommand();
    const { DENO_DIR = "" } = hostEnvironment(state);
    Deno.writeTextFileSync(
      `${state.env.CODEX_HOME}/config.toml`,
      `[mcp_servers.inner]
command = ${JSON.stringify(command)}
args = ${JSON.stringify([...args, "mcp"])}
required = true
startup_timeout_sec = 120
tool_timeout_sec = 120
env = { AGENT_ASYNC_HOME = ${JSON.stringify(state.home)}, DENO_DIR = ${JSON.stringify(DENO_DIR)} }
`,
      { append: true },
    );
    const child = { prompt: "Work. [[scenario child]]", cwd: state.cwd };
    model.script("child", [shell("echo ran"), text("The child is done.")]);
    model.script("parent", [
      mcpCall("inner", "codex_start", child),
      mcpCall("inner", "job_wait", { timeout_seconds: 100 }),
      text("All done."),
    ]);
    const parent = await host.start("Delegate. [[scenario parent]]", { approval_policy: "full-auto" });
    const job = await host.ended(parent);
    assert.deepEqual([job.status, job.result], ["done", "All done."], job.output);
    const records = [...Deno.readDirSync(`${state.home}/jobs`)].filter(({ name }) =>
      /^[0-9a-z]{8}$/.test(name)
    )
      .map(({ name }) =>
        Record.parse(JSON.parse(Deno.readTextFileSync(`${state.home}/jobs/${name}/job.json`)))
      );
    const inner = records.find(({ id }) => id !== parent);
    assert.deepEqual([inner?.parent, inner?.depth], [parent, 2]);
    const ended = await host.ended(inner?.id ?? "");
    assert.deepEqual([ended.status, ended.result], ["done", "The child is done."]);
    // It was told by its parent before that one ended.
    assert.ok(Date.parse(ended.finished_at ?? "") <= Date.parse(job.finished_at ?? ""));
  },
);
