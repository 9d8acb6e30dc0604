/**
 * Room `agents`: how the Gemini CLI is run, whether it is given a prompt or spoken with.
 *
 * @module
 */
import type { AgentCommand, TurnPlan } from "../turn_command.ts";
import { geminiPolicy } from "./policy.ts";

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

/** @param first arguments that say how it is driven */
export function geminiCommand(plan: TurnPlan, first: readonly string[]): Omit<AgentCommand, "stdin"> {
  return {
    args: [
      ...first,
      // Trust by the environment variable would also load the project's settings, with their servers and hooks.
      "--skip-trust",
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
  };
}
