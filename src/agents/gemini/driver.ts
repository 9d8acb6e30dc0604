/**
 * Room `agents`: the Gemini CLI, 0.39 to 0.61 and later.
 *
 * A follow-up replays the conversation in a new session. Gemini's own `--resume` sends every tool result twice, which
 * the API rejects (google-gemini/gemini-cli#29365). It also leaves a file behind that makes the next start of Gemini
 * delete the session (#27368, #28767). Its `session/load` over ACP does not always find a session that ACP has begun.
 *
 * @module
 */
import type { AgentDriver } from "../driver.ts";
import { geminiCommand } from "./command.ts";
import { diagnoseGemini, lastComplaint } from "./failures.ts";
import { geminiLive } from "./live.ts";
import { APPROVAL_MODES } from "./policy.ts";
import { geminiProfile } from "./profile.ts";
import { GEMINI_PROJECT_FILES } from "./project.ts";
import { guardGeminiPrompt } from "./prompt.ts";
import { GeminiReader } from "./reader.ts";
import { jsonLines } from "../reading/json_lines_reader.ts";

export const geminiDriver: AgentDriver = {
  ...geminiProfile,
  // GEMINI_CLI_TRUST_WORKSPACE opens a project's own settings, servers and hooks to every Gemini that is started below.
  sessionVariables: [/^GEMINI_CLI(_TRUST_WORKSPACE)?$/],
  hasSessions: true,
  replaysConversation: true,
  projectFiles: GEMINI_PROJECT_FILES,
  gracefulSignal: "SIGTERM",
  guardPrompt: guardGeminiPrompt,
  live: geminiLive,
  /** `--session-id` is not passed: 0.39 does not know it, and the session is never resumed. */
  command: (plan) => ({
    ...geminiCommand(plan, [
      "--output-format",
      "stream-json",
      "--approval-mode",
      APPROVAL_MODES[plan.policy],
    ]),
    stdin: "prompt",
  }),
  reader: (context) => jsonLines(new GeminiReader(context)),
  withoutChatter: lastComplaint,
  diagnose: diagnoseGemini,
};
