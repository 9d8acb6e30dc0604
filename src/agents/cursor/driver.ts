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
import { complaint, CURSOR_HINTS, diagnoseCursor } from "./failures.ts";
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
  name: "cursor",
  title: "Cursor Agent",
  executables: ["cursor-agent", "agent"],
  hasCommonName: true,
  versionArgs: ["--version"],
  readVersion: (stdout) => /^\s*(20\d\d\.\d{1,2}\.\d{1,2}(?:-\w+)*)\s*$/m.exec(stdout)?.[1] ?? null,
  // 2026.02.13 is known to have --trust, without which a headless run is refused. `tested` is the newest seen to work.
  versions: { oldest: "2026.02", tested: "2026.09.18" },
  login: {
    args: ["status"],
    read(_exitCode, stdout, stderr) {
      const said = stdout + stderr;
      if (/not (?:logged in|authenticated)|login required/i.test(said)) return false;
      return /logged in/i.test(said) ? true : null;
    },
  },
  lets: { "auto-edit": "edits in cwd, runs no commands" },
  sessionVariables: [/^CURSOR_(AGENT|TRACE_ID|CONVERSATION_ID|SESSION_ID)$/],
  hasSessions: true,
  projectRules: {
    files: [".cursorrules"],
    directory: { path: ".cursor/rules", fileName: /\.(mdc|md|txt)$/ },
  },
  projectFiles: CURSOR_PROJECT_FILES,
  gracefulSignal: "SIGINT",
  hints: CURSOR_HINTS,
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
