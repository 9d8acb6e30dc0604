/**
 * Room `agents`: the lines of Claude Code's `stream-json`, as loosely as the facts allow: agents change weekly, and
 * the order of the members already has.
 *
 * @module
 */
import * as z from "zod";
import { saidIn } from "../reading/said.ts";
import { TokenCount } from "../reading/token_count.ts";

const Count = z.number().int().nonnegative().catch(0);

/** A text, whatever shape it has come in. */
const Words = z.unknown().optional().transform(saidIn);

const TextBlock = z.object({ type: z.literal("text"), text: z.string() });

/** A tool's answer: a text, or blocks of which the texts count. */
const Content = z.union([z.string(), z.array(z.unknown())]).catch("");

export const ToolUse = z.object({
  type: z.literal("tool_use"),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()).catch({}),
});
export type ToolUse = z.infer<typeof ToolUse>;

export const ToolResult = z.object({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: Content,
  is_error: z.boolean().nullish().catch(null),
});
export type ToolResult = z.infer<typeof ToolResult>;

export const AssistantBlock = z.discriminatedUnion("type", [
  TextBlock,
  z.object({ type: z.literal("thinking"), thinking: z.string() }),
  z.object({ type: z.literal("redacted_thinking") }),
  ToolUse,
]);

/** Non-null in what a subagent says: the tool call that started it. */
const Parent = z.string().nullish().catch(null);

const RetryLine = z.object({
  subtype: z.literal("api_retry"),
  attempt: Count,
  max_retries: Count,
  retry_delay_ms: z.number().catch(0),
  error_status: z.number().nullish().catch(null),
  error: Words,
});
export type RetryLine = z.infer<typeof RetryLine>;

export const SystemLine = z.discriminatedUnion("subtype", [
  z.object({
    subtype: z.literal("init"),
    session_id: z.string(),
    model: z.string().optional().catch(undefined),
    claude_code_version: z.string().optional().catch(undefined),
    mcp_servers: z.array(z.object({ name: z.string(), status: z.string() })).catch([]),
  }),
  RetryLine,
  z.object({ subtype: z.literal("permission_denied"), tool_use_id: z.string() }),
  /** All tasks that run in the background now. Only newer versions (2.1.329) tell them. */
  z.object({ subtype: z.literal("background_tasks_changed"), tasks: z.array(z.unknown()) }),
]);

const ModelUsage = z.object({
  inputTokens: TokenCount,
  outputTokens: TokenCount,
  cacheReadInputTokens: TokenCount,
  cacheCreationInputTokens: TokenCount,
  thinkingTokens: TokenCount.optional(),
});

/** Tokens of one call of the model, or of several. */
const CallUsage = z.object({
  input_tokens: TokenCount,
  output_tokens: TokenCount,
  cache_read_input_tokens: TokenCount,
  cache_creation_input_tokens: TokenCount,
});
export type CallUsage = z.infer<typeof CallUsage>;

export const ResultLine = z.object({
  subtype: z.string().catch(""),
  is_error: z.boolean().catch(false),
  result: Words,
  errors: z.unknown().optional().transform((errors) =>
    (Array.isArray(errors) ? errors : [errors]).flatMap((error: unknown) => saidIn(error) ?? [])
  ),
  /** The answer in the form that was asked for. */
  structured_output: z.unknown().optional(),
  api_error_status: z.number().nullish().catch(null),
  total_cost_usd: z.number().nonnegative().nullish().catch(null),
  usage: CallUsage.nullish().catch(null),
  modelUsage: z.record(z.string(), ModelUsage).catch({}),
  permission_denials: z.array(z.object({
    tool_name: z.string(),
    tool_use_id: z.string().catch(""),
    tool_input: z.record(z.string(), z.unknown()).catch({}),
  })).catch([]),
});
export type ResultLine = z.infer<typeof ResultLine>;

/** The words of a `result` line that reports success: the answer in its form, where one was asked for. */
export function answerOf({ structured_output: structured, result }: ResultLine): string {
  return structured === undefined || structured === null ? result ?? "" : JSON.stringify(structured);
}

const AssistantLine = z.object({
  type: z.literal("assistant"),
  message: z.object({
    /** Of the call of the model; the same in each of its lines. */
    id: z.string().optional().catch(undefined),
    model: z.string().optional().catch(undefined),
    content: z.array(z.unknown()),
    /** As the call began: its output is not counted yet. */
    usage: CallUsage.nullish().catch(null),
  }),
  parent_tool_use_id: Parent,
  /** The kind of failure, when the message is the text of one. */
  error: Words,
});
export type AssistantLine = z.infer<typeof AssistantLine>;

const UserLine = z.object({
  type: z.literal("user"),
  message: z.object({ content: Content }),
  tool_use_result: z.unknown().optional(),
  tool_result_meta: z.array(
    z.object({ id: z.string(), non_execution_kind: z.string().optional().catch(undefined) }),
  ).nullish().catch(null),
});
export type UserLine = z.infer<typeof UserLine>;

/** Whether newer versions say that a call was refused and never executed. */
export function wasRefused({ tool_result_meta: metas }: UserLine, toolUseId: string): boolean {
  const meta = metas?.find(({ id }) => id === toolUseId);
  return /permission|reject/.test(meta?.non_execution_kind ?? "");
}

const RateLimitInfo = z.object({
  status: z.string().catch(""),
  /** Epoch seconds. */
  resetsAt: z.number().positive().nullish().catch(null),
});
export type RateLimitInfo = z.infer<typeof RateLimitInfo>;

/** `system` and `result` are read by their own schemas. */
export const Line = z.discriminatedUnion("type", [
  z.object({ type: z.literal("system"), subtype: z.string() }).loose(),
  AssistantLine,
  UserLine,
  z.object({ type: z.literal("result") }).loose(),
  z.object({ type: z.literal("rate_limit_event"), rate_limit_info: RateLimitInfo }),
]);

/** Types of lines about progress, lifecycles and echoes, which tell a person nothing. */
const IGNORED_TYPES: ReadonlySet<string> = new Set([
  "stream_event",
  "tool_progress",
  "command_lifecycle",
  "control_request",
  "control_response",
  "control_cancel_request",
  "keep_alive",
  "prompt_suggestion",
  "tool_use_summary",
  "auth_status",
]);
const IGNORED_SUBTYPES =
  /^(?:thinking_tokens|status|task_\w+|hook_\w+|compact_boundary|files_persisted|session_state_changed|post_turn_summary|turn_duration|local_command\w*)$/;

/** Whether a line is known to tell a person nothing. */
export function isIgnored(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("type" in value)) return false;
  if (typeof value.type !== "string") return false;
  if (value.type !== "system") return IGNORED_TYPES.has(value.type);
  return "subtype" in value && typeof value.subtype === "string" && IGNORED_SUBTYPES.test(value.subtype);
}

/** The texts of a tool's answer. */
export function contentText(content: string | readonly unknown[]): string {
  if (typeof content === "string") return content;
  return content.flatMap((block) => {
    const parsed = TextBlock.safeParse(block);
    return parsed.success ? [parsed.data.text] : [];
  }).join("\n");
}
