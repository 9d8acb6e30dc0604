/**
 * The wake-up hook in the real Claude Code: a session that has nothing to do any more goes on when its job ends.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Asked, mcpCall, shell, text } from "../model/scenario.ts";
import { AgentStage } from "../support/agent_stage.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { hostEnvironment, programCommand, runProgram } from "../support/program.ts";
import { SERVER } from "../support/real_host.ts";
import { TmuxTerminal } from "../support/tmux.ts";
import { z } from "zod";

const TOP = fromFileUrl(new URL("../../", import.meta.url));

/** The result is there at once, and the next tool as this session calls it. */
const NOTICE =
  /Job ([0-9a-z]{8}) \(codex\) has ended: done \(completed\)\. Its result begins: <(?:agent-[0-9a-z]{6})>"The work is done\."<\/agent-[0-9a-z]{6}>\. Next: (\w[\w-]+) with/;

const Listed = z.object({ jobs: z.array(z.object({ job_id: z.string() })) });

/** All that its first start would ask a person. */
function answeredQuestions(cwd: string): Record<string, unknown> {
  return {
    hasCompletedOnboarding: true,
    theme: "dark",
    customApiKeyResponses: { approved: ["scripted"], rejected: [] },
    projects: { [cwd]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
  };
}

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

interface Idle {
  readonly server: string;
  readonly stage: AgentStage;
  readonly terminal: TmuxTerminal;
  /** Lets the job end. */
  readonly work: () => void;
}

/** A session that has started a job and has nothing to do. @param woken what its model says when it goes on. */
async function idleSession(
  stack: AsyncDisposableStack,
  install: (stage: AgentStage) => Promise<string>,
  { env, woken }: { env: Record<string, string>; woken: (said: string, server: string) => string | null },
): Promise<Idle> {
  const stage = stack.use(await AgentStage.set({ agents: ["codex", "claude"] }));
  const cwd = stage.state.workspace("job");
  const home = stage.state.env.HOME ?? assert.fail("no HOME");
  const allow = ["Bash(true)", "mcp__plugin_agent-async_agent-async"];
  Deno.writeTextFileSync(
    join(home, ".claude", "settings.json"),
    JSON.stringify({ permissions: { allow } }),
  );
  Deno.writeTextFileSync(join(home, ".claude.json"), JSON.stringify(answeredQuestions(cwd)));
  const server = await install(stage);
  const worked = Promise.withResolvers<void>();
  const start = { prompt: "Work. [[scenario worker]]", cwd };
  stage.model.script("worker", [{ items: [text("The work is done.")], after: worked.promise }]);
  stage.model.script("host", [], ({ toolResults, body }: Asked) => {
    const said = JSON.stringify(body);
    const answer = woken(said.replaceAll("\\", ""), server);
    if (answer !== null) return text(answer);
    if (toolResults.some((result) => /job_id|server-side task/.test(result))) {
      return text("STARTED, with nothing to do.");
    }
    // This version does not wait for its servers: until ours has answered, there are no tools.
    return said.includes("codex_start") ? mcpCall(server, "codex_start", start) : shell("true");
  });
  const terminal = stack.use(
    await TmuxTerminal.open({
      columns: 120,
      rows: 40,
      cwd,
      env: { ...hostEnvironment(stage.state), CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", ...env },
    }),
  );
  await terminal.enter(join(stage.bin, "claude"));
  await terminal.until(/^❯/m, "Claude Code's prompt");
  await terminal.enter("Start it. [[scenario host]]");
  await terminal.until(/STARTED, with nothing to do/, "the answer of the session");
  return { server, stage, terminal, work: () => worked.resolve() };
}

for (const [way, install] of Object.entries(WAYS)) {
  Deno.test(`real Claude Code, ${way}: an idle session goes on when its job ends`, async () => {
    await using stack = new AsyncDisposableStack();
    const { terminal, work } = await idleSession(stack, install, {
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
  const { stage, terminal, work } = await idleSession(stack, WAYS["add-agent --wake"], {
    env: {},
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
