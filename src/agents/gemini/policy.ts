/**
 * Room `agents`: what the Gemini CLI may do under each approval policy, as its approval mode and a policy file.
 *
 * The approval mode alone is no limit. Headless, 0.61 approves every plan by itself. A model that calls
 * `exit_plan_mode` (which plan mode tells it to) is in `yolo` from there on and runs any command. From `auto_edit`, it
 * gets there by `enter_plan_mode` and then `exit_plan_mode`.
 *
 * The policy file takes both tools away. It is passed as an administrator's, which no policy of the user and no
 * trusted MCP server overrides. Where an administrator has installed policies for the whole machine, Gemini ignores
 * this file. `--policy` would still count there, but it replaces the user's own policies.
 *
 * @module
 */
import type { UnaskedPolicy } from "../../domain/agent/policy.ts";

/**
 * Gemini's approval mode for each policy. `suggest` uses `default`, in which a headless run has no tool that would
 * ask. `plan` would tell the model to write a plan into a file and wait for its approval.
 */
export const APPROVAL_MODES: Readonly<Record<UnaskedPolicy, string>> = {
  "suggest": "default",
  "auto-edit": "auto_edit",
  "full-auto": "yolo",
};

const NO_MODE_CHANGES = ["enter_plan_mode", "exit_plan_mode"];

/** Tools that are denied under `suggest`. The user's own policies may allow them, and reading needs none of them. */
const WRITERS = ["write_file", "replace", "run_shell_command", "save_memory"];

/**
 * Under `suggest`, only MCP tools that are marked read-only are allowed. A trusted server would otherwise have all.
 */
const READ_ONLY_MCP = `
[[rule]]
mcpName = "*"
toolName = "*"
toolAnnotations = { readOnlyHint = true }
decision = "allow"
priority = 950

[[rule]]
mcpName = "*"
toolName = "*"
decision = "deny"
priority = 900
`;

/**
 * Denies writing into `.git`, whose hooks and configuration git executes. 0.61 refuses that by itself, also through a
 * link. Letters match in either case, since file systems may not tell them apart.
 */
const NO_GIT = `
[[rule]]
toolName = ["write_file", "replace"]
argsPattern = '"file_path":"[^"]*\\.[gG][iI][tT]["/\\\\]'
decision = "deny"
priority = 999
`;

/** The policy file, in TOML. */
export function geminiPolicy(policy: UnaskedPolicy): string {
  return policy === "suggest"
    ? deny([...NO_MODE_CHANGES, ...WRITERS]) + READ_ONLY_MCP
    : deny(NO_MODE_CHANGES) + (policy === "auto-edit" ? NO_GIT : "");
}

function deny(tools: readonly string[]): string {
  return `[[rule]]\ntoolName = ${JSON.stringify(tools)}\ndecision = "deny"\npriority = 999\n`;
}
