/**
 * Room `agents`: the Gemini CLI, 0.39 to 0.61 and later.
 *
 * A follow-up replays the conversation in a new session. Gemini's own `--resume` sends every tool result twice, which
 * the API rejects (google-gemini/gemini-cli#29365). It also leaves a file behind that makes the next start of Gemini
 * delete the session (#27368, #28767). `--acp` does neither, but would need a process that lives as long as the job.
 *
 * @module
 */
import type { AgentCommand, TurnPlan } from "../turn_command.ts";
import type { AgentDriver } from "../driver.ts";
import { diagnoseGemini, GEMINI_HINTS, lastComplaint } from "./failures.ts";
import { APPROVAL_MODES, geminiPolicy } from "./policy.ts";
import { GEMINI_PROJECT_FILES } from "./project.ts";
import { guardGeminiPrompt } from "./prompt.ts";
import { GeminiReader } from "./reader.ts";
import { jsonLines } from "../reading/json_lines_reader.ts";

/** A name that no MCP server has. Naming it as the only server that may start means that none does. */
const NO_MCP_SERVER = "agent-async-allows-none";

const POLICY_FILE = "policy.toml";

const TRUST_FILE = "trusted-folders.json";

const ENVIRONMENT = {
  // Gemini's launcher would start a second process and ignore every signal: the pid that we know must be the working
  // one.
  GEMINI_CLI_NO_RELAUNCH: "true",
  // An expired login fails at once instead of opening a browser and waiting for it.
  NO_BROWSER: "true",
  // Without a capable terminal, stderr begins with warnings about colours.
  TERM: "xterm-256color",
  COLORTERM: "truecolor",
} as const;

export const geminiDriver: AgentDriver = {
  name: "gemini",
  title: "Gemini CLI",
  executables: ["gemini"],
  npmPackage: "@google/gemini-cli",
  versionArgs: ["--version"],
  readVersion: (stdout) => /^\s*v?(\d+\.\d+\.\d+\S*)\s*$/m.exec(stdout)?.[1] ?? null,
  // 0.39.1 is the first version that knows --skip-trust.
  versions: { oldest: "0.39.1", tested: "0.61.0" },
  lets: {
    "auto-edit": "edits in cwd, runs no commands",
    // Gemini's file tools refuse a path outside of its directory; its commands do not.
    "full-auto": "no limits to commands; its file tools stay in cwd",
  },
  // GEMINI_CLI_TRUST_WORKSPACE opens a project's own settings, servers and hooks to every Gemini that is started below.
  sessionVariables: [/^GEMINI_CLI(_TRUST_WORKSPACE)?$/],
  hasSessions: true,
  replaysConversation: true,
  projectFiles: GEMINI_PROJECT_FILES,
  gracefulSignal: "SIGTERM",
  hints: GEMINI_HINTS,
  guardPrompt: guardGeminiPrompt,
  command,
  reader: (context) => jsonLines(new GeminiReader(context)),
  withoutChatter: lastComplaint,
  diagnose: diagnoseGemini,
};

/** `--session-id` is not passed: 0.39 does not know it, and the session is never resumed. */
function command(plan: TurnPlan): AgentCommand {
  return {
    args: [
      "--output-format",
      "stream-json",
      // Trust by the environment variable would also load the project's settings, with their servers and hooks.
      "--skip-trust",
      "--approval-mode",
      APPROVAL_MODES[plan.policy],
      "--admin-policy",
      `${plan.scratchDir}/${POLICY_FILE}`,
      ...(plan.model === null ? [] : ["--model", plan.model]),
      ...(plan.mcp === "none" ? [`--allowed-mcp-server-names=${NO_MCP_SERVER}`] : []),
      ...plan.extraArgs,
    ],
    files: {
      [POLICY_FILE]: geminiPolicy(plan.policy),
      ...(plan.policy === "full-auto" ? {} : { [TRUST_FILE]: "{}\n" }),
    },
    env: {
      ...ENVIRONMENT,
      // No folder is trusted: in a trusted one, the project's settings count, with their servers, hooks and commands.
      ...(plan.policy === "full-auto"
        ? {}
        : { GEMINI_CLI_TRUSTED_FOLDERS_PATH: `${plan.scratchDir}/${TRUST_FILE}` }),
    },
    stdin: "prompt",
  };
}
