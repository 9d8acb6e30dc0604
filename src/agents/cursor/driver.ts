/**
 * Room `agents`: Cursor's CLI, written from its documentation and from public recordings. It needs an account, so it
 * was never run here.
 *
 * Limit: the MCP servers that the user has approved for Cursor always run. Cursor has no option against that, and its
 * configuration is the user's own. Under `mcp: "none"`, no further server is approved.
 *
 * @module
 */
import type { UnaskedPolicy } from "../../domain/agent/policy.ts";
import { complaint, diagnoseCursor } from "./failures.ts";
import { cursorProfile } from "./profile.ts";
import { CURSOR_PROJECT_FILES } from "./project.ts";
import { CursorReader } from "./reader.ts";
import type { AgentCommand, TurnPlan } from "../turn_command.ts";
import type { AgentDriver } from "../driver.ts";
import { jsonLines } from "../reading/json_lines_reader.ts";

/** Arguments for each approval policy. Without any, a headless Cursor edits files and rejects shell commands. */
const POLICY_ARGS: Readonly<Record<UnaskedPolicy, readonly string[]>> = {
  "suggest": ["--mode", "plan"],
  "auto-edit": [],
  "full-auto": ["--force"],
};

export const cursorDriver: AgentDriver = {
  ...cursorProfile,
  login: {
    args: ["status"],
    read(_exitCode, stdout, stderr) {
      const said = stdout + stderr;
      if (/not (?:logged in|authenticated)|login required/i.test(said)) return false;
      return /logged in/i.test(said) ? true : null;
    },
  },
  sessionVariables: [/^CURSOR_(AGENT|TRACE_ID|CONVERSATION_ID|SESSION_ID)$/],
  hasSessions: true,
  projectRules: {
    files: [".cursorrules"],
    directory: { path: ".cursor/rules", fileName: /\.(mdc|md|txt)$/ },
  },
  projectFiles: CURSOR_PROJECT_FILES,
  gracefulSignal: "SIGINT",
  guardPrompt,
  command,
  // It asks the person who sits there, whatever the job's policy.
  interactive: ({ sessionId, model, cwd }) => ({
    args: ["--workspace", cwd, ...(model === null ? [] : ["--model", model]), "--resume", sessionId],
    env: {},
  }),
  reader: (context) => jsonLines(new CursorReader(context), { holdsChanges: true }),
  withoutChatter: complaint,
  diagnose: diagnoseCursor,
};

/** The prompt goes in on stdin, which print mode reads when no argument gives one. */
function command(plan: TurnPlan): AgentCommand {
  return {
    args: [
      "-p",
      "--trust",
      "--output-format",
      "stream-json",
      "--workspace",
      plan.cwd,
      ...(plan.model === null ? [] : ["--model", plan.model]),
      ...(plan.sessionId === null ? [] : ["--resume", plan.sessionId]),
      ...(plan.mcp === "inherit" ? ["--approve-mcps"] : []),
      ...plan.extraArgs,
      ...POLICY_ARGS[plan.policy],
    ],
    env: {},
    stdin: "prompt",
  };
}

/** `/name` is a command or skill, and `&` hands the task to Cursor's cloud; on the second line both are text. */
function guardPrompt(prompt: string): string {
  return /^[/&]/.test(prompt) ? `\n${prompt}` : prompt;
}
