/**
 * The wake-up hook in the real Claude Code: a session that has nothing to do any more goes on when its job ends.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { AgentStage } from "../support/agent_stage.ts";
import { idleSession } from "../support/claude_session.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { hostEnvironment, programCommand, runProgram } from "../support/program.ts";
import { SERVER } from "../support/real_host.ts";
import { z } from "zod";

const TOP = fromFileUrl(new URL("../../", import.meta.url));

/** The result is there at once, and the next tool as this session calls it. */
const NOTICE =
  /Job ([0-9a-z]{8}) \(codex\) has ended: done \(completed\)\. Its result begins: <(?:agent-[0-9a-z]{6})>"The work is done\."<\/agent-[0-9a-z]{6}>\. Next: (\w[\w-]+) with/;

const Listed = z.object({ jobs: z.array(z.object({ job_id: z.string() })) });

/** How the server and its hook come into Claude Code, and what it calls the server then. */
const WAYS = {
  async "add-agent --wake"(stage: AgentStage): Promise<string> {
    const { code, stderr } = await runProgram(stage.state, ["add-agent", "claude-code", "--allow", "--wake"]);
    assert.equal(code, 0, stderr);
    return SERVER;
  },
  async "the plugin"(stage: AgentStage): Promise<string> {
    // Its server is the program on the PATH.
    const program = programCommand().map((word) => `'${word}'`).join(" ");
    const script = `#!/bin/sh\nexec ${program} "$@"\n`;
    Deno.writeTextFileSync(join(stage.bin, "agent-async"), script, { mode: 0o755 });
    for (const args of [["marketplace", "add", TOP], ["install", "agent-async@agent-async"]]) {
      const { success, stderr } = await new Deno.Command(join(stage.bin, "claude"), {
        args: ["plugin", ...args],
        env: hostEnvironment(stage.state),
        clearEnv: true,
        stdin: "null",
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
    }
    return "plugin_agent-async_agent-async";
  },
};

/** Claude Code runs a start as a task of its own where it may, and then needs no hook. */
const WITHOUT_TASKS = { CLAUDE_CODE_DISABLE_MCP_TASKS: "1" };

for (const [way, install] of Object.entries(WAYS)) {
  Deno.test(`real Claude Code, ${way}: an idle session goes on when its job ends`, async () => {
    await using stack = new AsyncDisposableStack();
    const { terminal, work } = await idleSession(stack, {
      install,
      env: WITHOUT_TASKS,
      woken: (said, server) => {
        const [, job, poll] = NOTICE.exec(said) ?? [];
        if (job === undefined) return null;
        assert.equal(poll, `mcp__${server}__job_poll`);
        return `WOKEN by ${job}`;
      },
    });
    work();
    await terminal.until(/WOKEN by [0-9a-z]{8}/, "the session to go on");
  });
}

/** Processes of our hook that wait for a job of this state directory. */
function waitingHooks(home: string): number {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return Deno.readTextFileSync(`/proc/${name}/cmdline`).includes("hook-wait") &&
        Deno.readTextFileSync(`/proc/${name}/environ`).includes(`AGENT_ASYNC_HOME=${home}`);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  }).length;
}

/** How Claude Code tells its model that a task of a server has ended: the job's id, and its result between marks. */
const TASK_NOTICE =
  /<summary>MCP task ([0-9a-z]{8}) \(agent-async\/codex_start\) completed\.<\/summary>(?:(?!<\/task-notification>).)*The work is done\.(?:(?!<\/task-notification>).)*<\/task-notification>/s;

Deno.test("real Claude Code: a start is a task of its own, whose end brings the result once, without a hook", async () => {
  await using stack = new AsyncDisposableStack();
  const { stage, terminal, work } = await idleSession(stack, {
    install: WAYS["add-agent --wake"],
    woken: (said) => {
      const notices = said.match(/<summary>MCP task/g)?.length ?? 0;
      const [, job] = TASK_NOTICE.exec(said) ?? [];
      return job === undefined ? null : `WOKEN by ${job}, ${notices} notices, hook: ${NOTICE.test(said)}`;
    },
  });
  const [job] = (await stage.host.call("job_list", {}, Listed)).jobs;
  // It finds no job in what Claude Code makes of the answer, so that nobody is woken twice.
  await eventually(() => waitingHooks(stage.state.home) === 0, { what: "the hook to leave" });
  work();
  const screen = await terminal.until(/WOKEN by [0-9a-z]{8}, \d+ notices, hook: \w+/, "the session to go on");
  assert.ok(screen.includes(`WOKEN by ${job?.job_id}, 1 notices, hook: false`), screen);
});
