/**
 * The reference of the tools in docs/tools.md, made from their definitions. The default toolset is told in full; tools of the
 * others are lines that say what each does in words of the default one.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { definitionOf, type ToolDefinition } from "../../src/mcp/tools/definition/define_tool.ts";
import { BUILT_IN_AGENTS } from "../../src/config/agent_settings.ts";
import { TOOLSET_NAMES, type ToolsetName } from "../../src/mcp/tools/toolset_names.ts";
import { listedTools } from "../../src/mcp/tools/toolsets.ts";

const ABOUT = "`--toolsets a,b` and `AGENT_ASYNC_TOOLSETS` choose among the toolsets `jobs` (the default), " +
  "`codex`, `agents`, `starts` and `stream`; `all` is all of them. `codex_start` is there when Codex is found, or nothing " +
  "else is; `job_start` when any other agent is, configured ones too. `<agent>_start` for every agent are in the " +
  "toolset `starts`, and are answered by name in every toolset.";

const ALIASES_ABOUT =
  "The other toolsets have the names and shapes of earlier servers. Each tool is a thin alias; " +
  '`*_wait` answers `{ job_id, status: "timeout", message, output }` when time is up. `(...)` is what `codex_start` takes.';

/** What a tool of another toolset is, told by the tools of the default one. */
const ALIASES: Readonly<Record<string, string>> = {
  codex_start: "as above, with these parameters alone",
  cursor_start: "`codex_start` for Cursor Agent",
  gemini_start: "`codex_start` for Gemini CLI",
  claude_start: "`codex_start` for Claude Code",
  codex_poll: "`job_poll`",
  codex_wait: "`job_wait` for one job",
  cursor_wait: "the same",
  gemini_wait: "the same",
  codex_await_any: "`job_wait` without `job_ids`",
  codex_list: "`job_list`",
  codex_cancel: "`job_cancel`",
  codex_queue_status: "`queue_status`",
  gemini_confluence_start:
    "`gemini_start` that writes a Confluence page; a draft in its result unless `publish`",
  gemini_pr_start:
    "`gemini_start` that writes the text of a pull request; a draft in its result unless `publish`",
  agent_notify_done:
    "for an agent inside a job: its own word that the job is done, which ends it once the agent is silent",
  codex_async_start:
    "`codex_start`; `cwd` may be left out, Codex's words for `sandbox` and `approval_policy` are understood, and the cursor of the events is in the answer",
  codex_async_events: "`job_events`, with `event_types` for `types`",
  codex_async_reply: "`job_reply`",
  codex_async_notifications: "the ends of all jobs",
  codex_async_wait: "`job_wait` without `job_ids`, for all ends since the cursor",
};

const Schema = z.object({
  properties: z.record(
    z.string(),
    z.looseObject({
      type: z.string(),
      description: z.string(),
      default: z.unknown().optional(),
      enum: z.array(z.string()).optional(),
      items: z.looseObject({ type: z.string().optional() }).optional(),
    }),
  ).default({}),
  required: z.array(z.string()).default([]),
});

export function toolReference(): string {
  const [first, ...others] = TOOLSET_NAMES;
  const defaults = toolsOf(first);
  return [
    ABOUT,
    ...defaults.map((tool) => tool.name === "job_start" ? jobStartSection(tool) : section(tool)),
    "## Names of earlier servers",
    ALIASES_ABOUT,
    ...others.flatMap((name) => [`Toolset \`${name}\`:`, aliases(toolsOf(name), defaults)]),
  ].join("\n\n");
}

/** A line a tool, and one for those that are as in the default toolset. */
function aliases(tools: readonly ToolDefinition[], defaults: readonly ToolDefinition[]): string {
  const isDefault = ({ name, inputSchema }: ToolDefinition) =>
    defaults.some((other) => other.name === name && isDeepStrictEqual(other.inputSchema, inputSchema));
  const same = tools.filter(isDefault).map(({ name }) => `\`${name}\``);
  return [
    ...(same.length === 0 ? [] : [`- as above: ${same.join(", ")}`]),
    ...tools.filter((tool) => !isDefault(tool)).map((tool) => alias(tool, defaults)),
  ].join("\n");
}

function toolsOf(toolset: ToolsetName): ToolDefinition[] {
  const agents = BUILT_IN_AGENTS.map((name) => ({ name, available: true }));
  return listedTools({ toolsets: [toolset], isInsideJob: false }, agents).map(definitionOf);
}

/** @throws Error for a tool that is not told of above. */
function alias(tool: ToolDefinition, defaults: readonly ToolDefinition[]): string {
  const said = ALIASES[tool.name];
  if (said === undefined) throw new Error(`reference_tools.ts says nothing of ${tool.name}`);
  const { properties, required } = Schema.parse(tool.inputSchema);
  const names = Object.keys(properties);
  const isStart = defaults.some(({ inputSchema }) =>
    "prompt" in properties && isDeepStrictEqual(Object.keys(Schema.parse(inputSchema).properties), names)
  );
  const parameters = names.map((name) => {
    const value = properties[name]?.default;
    if (required.includes(name)) return name;
    return value === undefined ? `${name}?` : `${name}=${JSON.stringify(value)}`;
  });
  return `- \`${tool.name}(${isStart ? "..." : parameters.join(", ")})\`: ${said}`;
}

/** What it takes beside the rest is `agent`. */
function jobStartSection(tool: ToolDefinition): string {
  const { agent } = Schema.parse(tool.inputSchema).properties;
  const short = { ...tool, inputSchema: { ...tool.inputSchema, properties: { agent } } };
  return `${section(short)}\n- everything that \`codex_start\` takes`;
}

function section(tool: ToolDefinition): string {
  const { properties, required } = Schema.parse(tool.inputSchema);
  const parameters = Object.entries(properties).map(([name, parameter]) => {
    const { type, items, description } = parameter;
    const kind = parameter.enum !== undefined
      ? parameter.enum.map((value) => `\`${value}\``).join(" | ")
      : type === "array"
      ? `${items?.type ?? "any"}[]`
      : type;
    const isRequired = required.includes(name) ? ", required" : "";
    const isDefault = parameter.default === undefined
      ? ""
      : `, default \`${JSON.stringify(parameter.default)}\``;
    return `- \`${name}\` (${kind}${isRequired}${isDefault}): ${plain(description)}`;
  });
  return [
    `**${tool.name}**: ${plain(tool.description)}`,
    ...(parameters.length === 0 ? [] : [parameters.join("\n")]),
  ].join("\n\n");
}

/** Words that Markdown would take for something else. */
function plain(text: string): string {
  return text.replace(/[<>*]/g, (character) => `\\${character}`).replace(/\b[a-z]+(?:_[a-z]+)+\b/g, "`$&`");
}
