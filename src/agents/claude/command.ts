/**
 * Room `agents`: the command line of one Claude Code turn.
 *
 * Without a sandbox there is no such thing as a shell that writes only inside of the workspace, so `auto-edit` edits
 * files and runs what Claude Code itself lets pass under `acceptEdits` (reading, and simple file commands below
 * `cwd`); more is the user's to allow, by permission rules or by `--allowedTools` in the configured arguments. What is
 * denied is an answer to the model at once, never a question that hangs.
 *
 * Below `full-auto` the settings that came with the repository do not count: its hooks, helpers, servers, plugins and
 * permissions would run or be let through without a question, since `-p` asks nobody whether a directory is trusted.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import type { AgentCommand, TurnPlan } from "../turn_command.ts";
import { askingSettings, editingSettings, readOnlySettings } from "./read_only.ts";
import { isTakenSchema, withoutDraft } from "./result_schema.ts";

const ENVIRONMENT = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_AUTOUPDATER: "1",
  // A shell or subagent in the background outlives the answer, re-enters the model and ends in a second answer; newer
  // versions (2.1.329) put subagents there by themselves. In the foreground the answer is the end.
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
  // The same for what the model would schedule for later.
  CLAUDE_CODE_DISABLE_CRON: "1",
} as const;

/** Everything that reads; what a version does not know is ignored. Glob and Grep are only there when they are named. */
const READING_TOOLS = [
  "Read",
  "Glob",
  "Grep",
  "Bash",
  "WebFetch",
  "WebSearch",
  "Task",
  "Agent",
  "TodoWrite",
  "TaskCreate",
  "TaskGet",
  "TaskList",
  "TaskUpdate",
];

const WRITING_TOOLS = ["Write", "Edit", "MultiEdit", "NotebookEdit"];

/**
 * Offered under `-p` too (2.1.197 to 2.1.332), where the process leaves with the answer: a model that says "I look again
 * in ten minutes" would never be woken. Listed by name, since no variable takes it away; users' own lists are added up.
 */
const NEVER_HAPPENING_TOOLS = ["ScheduleWakeup"];

/**
 * Offered where somebody can be asked. Claude Code enters plan mode without a question, and hands commands to a
 * classifier there: what that allows, nobody was asked about.
 */
const UNASKED_TOOLS = ["EnterPlanMode"];

/**
 * The user's settings alone. They leave out the project's CLAUDE.md as well; a directory that is added brings it back,
 * with {@link MEMORIES_OF_ADDED_DIRECTORIES}, and brings no settings with it. (`disableAllHooks` would switch off the
 * user's hooks, `--restricted` the user's memory.)
 */
const OWN_SETTINGS_ONLY = ["--setting-sources", "user", "--add-dir", "."];

const MEMORIES_OF_ADDED_DIRECTORIES = { CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD: "1" };

export function claudeCommand(plan: TurnPlan): AgentCommand {
  return { ...commandOf(plan, []), stdin: "prompt" };
}

/**
 * What one-way and two-way turns have in common, and with it all that keeps a policy.
 *
 * @param inputArgs how it is spoken to
 */
export function commandOf(
  plan: TurnPlan<ApprovalPolicy>,
  inputArgs: readonly string[],
): Pick<AgentCommand, "args" | "env"> {
  return {
    args: [
      "-p",
      ...inputArgs,
      "--output-format",
      "stream-json",
      // Without it the output format is refused.
      "--verbose",
      ...(plan.sessionId === null ? ["--session-id", plan.newSessionId] : ["--resume", plan.sessionId]),
      ...(plan.model === null ? [] : ["--model", plan.model]),
      ...formArgs(plan),
      // Alone it means: no server at all, whether of the user, the project or a plugin.
      ...(plan.mcp === "none" ? ["--strict-mcp-config"] : []),
      // What the user's configuration says stands behind that and counts, so whoever trusts a project can say so there.
      ...ownSettings(plan),
      ...plan.extraArgs,
      // Last, since of two the last one counts.
      ...policyArgs(plan),
      "--disallowedTools",
      [...NEVER_HAPPENING_TOOLS, ...forbiddenTools(plan.policy)].join(","),
    ],
    env: {
      ...ENVIRONMENT,
      ...(plan.policy === "full-auto" ? {} : MEMORIES_OF_ADDED_DIRECTORIES),
      // As the superuser it refuses `bypassPermissions` unless it is told that it is in a sandbox. Who asks for
      // full-auto as root has asked for just this, mostly in a container; `max_approval_policy` is the way to forbid it.
      ...(plan.policy === "full-auto" && plan.isRoot ? { IS_SANDBOX: "1" } : {}),
    },
  };
}

/** The answer comes through a tool of its own then, and is the result's text. */
function formArgs({ resultSchema }: TurnPlan<ApprovalPolicy>): string[] {
  return resultSchema !== undefined && isTakenSchema(resultSchema)
    ? ["--json-schema", JSON.stringify(withoutDraft(resultSchema))]
    : [];
}

function ownSettings({ policy, cwd }: TurnPlan<ApprovalPolicy>): string[] {
  switch (policy) {
    case "auto-edit":
      return [...OWN_SETTINGS_ONLY, "--settings", editingSettings(cwd)];
    case "ask":
      return [...OWN_SETTINGS_ONLY, "--settings", askingSettings(cwd)];
    case "suggest":
    case "full-auto":
      return [];
  }
}

function forbiddenTools(policy: ApprovalPolicy): readonly string[] {
  return policy === "suggest" ? WRITING_TOOLS : policy === "ask" ? UNASKED_TOOLS : [];
}

/** Always a mode: else that of the user's settings would apply. */
function policyArgs({ policy, cwd }: TurnPlan<ApprovalPolicy>): string[] {
  switch (policy) {
    case "suggest":
      return [
        ...OWN_SETTINGS_ONLY,
        "--permission-mode",
        "dontAsk",
        "--tools",
        READING_TOOLS.join(","),
        "--settings",
        readOnlySettings(cwd),
      ];
    case "auto-edit":
      return ["--permission-mode", "acceptEdits"];
    case "ask":
      // What the user's own rules let pass does; of all else the program is asked, over stdin and stdout.
      return ["--permission-mode", "default", "--permission-prompt-tool", "stdio"];
    case "full-auto":
      return ["--permission-mode", "bypassPermissions"];
  }
}
