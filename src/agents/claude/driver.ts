/**
 * Room `agents`: Claude Code, 2.1.100 to 2.1.332 and later.
 *
 * @module
 */
import * as z from "zod";
import { claudeCommand } from "./command.ts";
import { diagnoseClaude } from "./failures.ts";
import { claudeInteractive } from "./interactive.ts";
import { claudeLive } from "./live/driver.ts";
import { claudeProfile } from "./profile.ts";
import { guardedPrompt } from "./prompt.ts";
import { ClaudeReader } from "./reader.ts";
import { isTakenSchema } from "./result_schema.ts";
import type { AgentDriver } from "../driver.ts";
import { jsonLines } from "../reading/json_lines_reader.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

const AuthStatus = z.object({ loggedIn: z.boolean() });

/**
 * Without the project's settings it reads those of the working directory and no AGENTS.md, which it takes where there
 * is no CLAUDE.md.
 */
const MEMORIES = {
  groups: [["CLAUDE.md", ".claude/CLAUDE.md", "CLAUDE.local.md"], ["AGENTS.md"]],
  readsFirstInCwd: true,
} as const;

export const claudeDriver: AgentDriver = {
  ...claudeProfile,
  login: {
    // Reads what is stored and set; asks no server.
    args: ["auth", "status"],
    read(_exitCode, stdout) {
      return AuthStatus.safeParse(parsedJson(stdout)).data?.loggedIn ?? null;
    },
  },
  sessionVariables: [
    /^CLAUDECODE$/,
    /^CLAUDE_(PID|SESSION_ID|EFFORT|PROJECT_DIR)$/,
    /^CLAUDE_CODE_(ENTRYPOINT|SSE_PORT|SESSION_\w+|\w*SESSION_IDS?|CHILD_\w+|MESSAGING_\w+|REMOTE_\w+|PARENT_\w+|AGENT_\w+)$/,
  ],
  hasSessions: true,
  tellsMoney: true,
  memoriesLeftOut: ({ policy }) => policy === "full-auto" ? null : MEMORIES,
  // SIGTERM can end with a success that is none (exit 0); SIGINT stops the running tool with all that it started.
  gracefulSignal: "SIGINT",
  guardPrompt: guardedPrompt,
  takesResultSchema: isTakenSchema,
  live: claudeLive,
  interactive: claudeInteractive,
  command: claudeCommand,
  reader: (context) => jsonLines(new ClaudeReader(context), { holdsChanges: true }),
  diagnose: diagnoseClaude,
};
