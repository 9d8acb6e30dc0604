/**
 * Room `agents`: what the Gemini CLI may do under each approval policy, as its approval mode and a policy file.
 *
 * The mode alone is no limit. Headless, 0.61 approves every plan by itself: a model that calls `exit_plan_mode` (which
 * plan mode tells it to) or, from `auto_edit`, `enter_plan_mode` and then `exit_plan_mode`, is in `yolo` from there on
 * and runs any command. The file takes both tools away; given as an administrator's, no policy of the user and no
 * trusted MCP server overrides it. Where an administrator has installed policies for the whole machine, Gemini ignores
 * this file in their favour; `--policy` would not be, but takes the place of the user's own policies.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";

/**
 * `default`, where a tool that would ask is not there at all, and not `plan`, which tells the model to write a plan
 * into a file and wait for its approval.
 */
export const APPROVAL_MODES: Readonly<Record<ApprovalPolicy, string>> = {
  "suggest": "default",
  "auto-edit": "auto_edit",
  "full-auto": "yolo",
};

const NO_MODE_CHANGES = ["enter_plan_mode", "exit_plan_mode"];

/** Tools that are denied under `suggest`. The user's own policies may allow them, and reading needs none of them. */
const WRITERS = ["write_file", "replace", "run_shell_command", "save_memory"];

/** Under `suggest`, of MCP tools those that call themselves read-only are left; a trusted server has more. */
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
 * What git executes (hooks, configuration) is not an agent's to write; 0.61 refuses a `.git` by itself, also through a
 * link. In any case of letters, since file systems may not tell them apart.
 */
const NO_GIT = `
[[rule]]
toolName = ["write_file", "replace"]
argsPattern = '"file_path":"[^"]*\\.[gG][iI][tT]["/\\\\]'
decision = "deny"
priority = 999
`;

/** The policy file, in TOML. */
export function geminiPolicy(policy: ApprovalPolicy): string {
  return policy === "suggest"
    ? deny([...NO_MODE_CHANGES, ...WRITERS]) + READ_ONLY_MCP
    : deny(NO_MODE_CHANGES) + (policy === "auto-edit" ? NO_GIT : "");
}

function deny(tools: readonly string[]): string {
  return `[[rule]]\ntoolName = ${JSON.stringify(tools)}\ndecision = "deny"\npriority = 999\n`;
}
