/**
 * The wake-up hook in the real Claude Code: a session that has nothing to do any more goes on when its job ends.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Asked, mcpCall, shell, text } from "../model/scenario.ts";
import { AgentStage } from "../support/agent_stage.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { hostEnvironment, programCommand, runProgram } from "../support/program.ts";
import { SERVER } from "../support/real_host.ts";
import { TmuxTerminal } from "../support/tmux.ts";

const TOP = fromFileUrl(new URL("../../", import.meta.url));

/** The result is there at once, and the next tool as this session calls it. */
const NOTICE =
  /Job ([0-9a-z]{8}) \(codex\) has ended: done \(completed\)\. Its result begins: <(?:agent-[0-9a-z]{6})>"The work is done\."<\/agent-[0-9a-z]{6}>\. Next: (\w[\w-]+) with/;

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

for (const [way, install] of Object.entries(WAYS)) {
  Deno.test(`real Claude Code, ${way}: an idle session goes on when its job ends`, async () => {
    await using stage = await AgentStage.set({ agents: ["codex", "claude"] });
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
      const [, woken, poll] = NOTICE.exec(said.replaceAll("\\", "")) ?? [];
      if (woken !== undefined) assert.equal(poll, `mcp__${server}__job_poll`);
      if (woken !== undefined) return text(`WOKEN by ${woken}`);
      if (toolResults.some((result) => result.includes("job_id"))) {
        return text("STARTED, with nothing to do.");
      }
      // This version does not wait for its servers: until ours has answered, there are no tools.
      return said.includes("codex_start") ? mcpCall(server, "codex_start", start) : shell("true");
    });
    await using terminal = await TmuxTerminal.open({
      columns: 120,
      rows: 40,
      cwd,
      env: { ...hostEnvironment(stage.state), CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" },
    });
    await terminal.enter(join(stage.bin, "claude"));
    await terminal.until(/^❯/m, "Claude Code's prompt");
    await terminal.enter("Start it. [[scenario host]]");
    await terminal.until(/STARTED, with nothing to do/, "the answer of the session");
    worked.resolve();
    await terminal.until(/WOKEN by [0-9a-z]{8}/, "the session to go on");
  });
}
