/**
 * Test support: an interactive session of the real Claude Code that has started a job and has nothing to do any more.
 *
 * @module
 */
import { join } from "node:path";
import { type Asked, mcpCall, shell, type Step, text } from "../model/scenario.ts";
import { AgentStage } from "./agent_stage.ts";
import { hostEnvironment } from "./program.ts";
import { TmuxTerminal } from "./tmux.ts";

export interface IdleSession {
  readonly stage: AgentStage;
  readonly terminal: TmuxTerminal;
  /** Where its job works. */
  readonly cwd: string;
  /** Lets the job end; only of the job that is started unless told otherwise. */
  readonly work: () => void;
}

export interface IdleSessionOptions {
  /** Brings the server into Claude Code. @returns what that calls it. */
  readonly install: (stage: AgentStage) => Promise<string>;
  /** More of the environment of Claude Code. */
  readonly env?: Record<string, string>;
  /** The call that starts the job, beside its prompt and directory; a job of Codex unless given. */
  readonly start?: { readonly tool: string; readonly args: Record<string, unknown> };
  /** What the job's model does; unless given it says that the work is done once {@link IdleSession.work} was called. */
  readonly worker?: readonly Step[];
  /** What the session's model says when it goes on; `null` for a request that brings nothing new. */
  readonly woken: (said: string, server: string) => string | null;
}

/** @param stack ends it. */
export async function idleSession(
  stack: AsyncDisposableStack,
  { install, env = {}, start = { tool: "codex_start", args: {} }, worker, woken }: IdleSessionOptions,
): Promise<IdleSession> {
  const stage = stack.use(await AgentStage.set({ agents: ["codex", "claude"] }));
  const cwd = stage.state.workspace("job");
  const home = stage.state.env.HOME;
  if (home === undefined) throw new Error("The stage has no HOME");
  const allow = ["Bash(true)", "mcp__plugin_agent-async_agent-async"];
  Deno.writeTextFileSync(
    join(home, ".claude", "settings.json"),
    JSON.stringify({ permissions: { allow } }),
  );
  Deno.writeTextFileSync(join(home, ".claude.json"), JSON.stringify(answeredQuestions(cwd)));
  const server = await install(stage);
  const worked = Promise.withResolvers<void>();
  stage.model.script("worker", [
    ...worker ?? [{ items: [text("The work is done.")], after: worked.promise }],
  ]);
  stage.model.script("host", [], ({ toolResults, body }: Asked) => {
    const said = JSON.stringify(body);
    const answer = woken(said.replaceAll("\\", ""), server);
    if (answer !== null) return text(answer);
    if (toolResults.some((result) => /job_id|server-side task/.test(result))) {
      return text("STARTED, with nothing to do.");
    }
    // This version does not wait for its servers: until ours has answered, there are no tools.
    if (!said.includes(start.tool)) return shell("true");
    return mcpCall(server, start.tool, { ...start.args, prompt: "Work. [[scenario worker]]", cwd });
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
  return { stage, terminal, cwd, work: () => worked.resolve() };
}

/** All that its first start would ask a person. */
function answeredQuestions(cwd: string): Record<string, unknown> {
  return {
    hasCompletedOnboarding: true,
    theme: "dark",
    customApiKeyResponses: { approved: ["scripted"], rejected: [] },
    projects: { [cwd]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
  };
}
