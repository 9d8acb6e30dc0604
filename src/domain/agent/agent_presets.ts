/**
 * Room `domain`: coding agents that need no description: naming one in the configuration is enough. What is said here
 * was seen on the versions that each names.
 *
 * @module
 */
import type * as z from "zod";
import type { CustomAgentConfig } from "./custom_agent.ts";

type Preset = z.input<typeof CustomAgentConfig>;

/** 1.18.33: `opencode run` asks nobody; what its permissions deny it does not do. */
const opencode: Preset = {
  command: "opencode",
  title: "opencode",
  args: ["run", "--format", "json", "--title", "agent-async", ["--model", "{model}"], [
    "--session",
    "{session_id}",
  ], "{policy_args}"],
  policy_args: { suggest: ["--agent", "plan"], "auto-edit": [], "full-auto": [] },
  policy_env: {
    suggest: {
      OPENCODE_PERMISSION: '{"edit":"deny","bash":"deny","webfetch":"deny","external_directory":"deny"}',
    },
    "auto-edit": { OPENCODE_PERMISSION: '{"edit":"allow","bash":"deny","external_directory":"deny"}' },
    "full-auto": { OPENCODE_PERMISSION: '{"*":"allow"}' },
  },
  output: "jsonl",
  events: [
    { type: "session", text: "sessionID", keep: "first" },
    { type: "ignore", when: { type: "step_start" } },
    { type: "reasoning", when: { type: "reasoning" }, text: "part.text" },
    { type: "message", when: { type: "text" }, text: "part.text" },
    {
      type: "command",
      when: { type: "tool_use", "part.tool": "bash" },
      text: "part.state.input.command",
      output: "part.state.output",
      exit_code: "part.state.metadata.exit",
      failed: { "part.state.status": "error" },
    },
    {
      type: "file_change",
      when: { type: "tool_use", "part.tool": ["write", "edit", "multiedit"] },
      text: "part.state.input.filePath",
      kind: { add: { "part.state.metadata.exists": "false" } },
      failed: { "part.state.status": "error" },
    },
    {
      type: "tool",
      when: { type: "tool_use", "part.tool": { not: ["bash", "write", "edit", "multiedit"] } },
      text: "part.tool",
      output: "part.state.error",
      failed: { "part.state.status": "error" },
    },
    {
      type: "usage",
      when: { type: "step_finish" },
      input_tokens: ["part.tokens.input", "part.tokens.cache.read", "part.tokens.cache.write"],
      cached_input_tokens: "part.tokens.cache.read",
      output_tokens: ["part.tokens.output", "part.tokens.reasoning"],
      cost_usd: "part.cost",
    },
    { type: "result", when: { type: "step_finish", "part.reason": { not: "tool-calls" } } },
    { type: "error", when: { type: "error" }, text: "error" },
  ],
  interrupt: "SIGINT",
  install_hint: "Install it with `npm install -g opencode-ai`, then run `opencode auth login`.",
};

/** 0.24.4. Its own auto-edit mode writes outside of its directory as well, so that it is none of ours. */
const qwen: Preset = {
  command: "qwen",
  title: "Qwen Code",
  args: [
    "--output-format",
    "stream-json",
    ["--model", "{model}"],
    ["--resume", "{session_id}"],
    "{policy_args}",
  ],
  policy_args: {
    suggest: ["--approval-mode", "plan"],
    "full-auto": ["--approval-mode", "yolo"],
  },
  output: "jsonl",
  other_lines: "raw",
  events: [
    { type: "session", when: { type: "system", subtype: "init" }, text: "session_id" },
    { type: "ignore", when: { type: ["stream_event", "system"] } },
    { type: "message", when: { type: "assistant" }, text: "message.content.*.text" },
    { type: "reasoning", when: { type: "assistant" }, text: "message.content.*.thinking" },
    {
      type: "command",
      phase: "start",
      each: "message.content",
      when: { type: "tool_use", name: "run_shell_command" },
      id: "id",
      text: "input.command",
    },
    {
      type: "command",
      phase: "end",
      each: "message.content",
      when: { type: "tool_result" },
      id: "tool_use_id",
      output: "content",
      failed: { is_error: "true" },
    },
    {
      type: "file_change",
      phase: "start",
      each: "message.content",
      when: { type: "tool_use", name: ["write_file", "edit", "notebook_edit"] },
      id: "id",
      text: "input.file_path",
    },
    {
      type: "file_change",
      phase: "end",
      each: "message.content",
      when: { type: "tool_result" },
      id: "tool_use_id",
      kind: { add: { content: "Successfully created*" } },
      failed: { is_error: "true" },
    },
    {
      type: "tool",
      phase: "start",
      each: "message.content",
      when: { type: "tool_use", name: { not: ["run_shell_command", "write_file", "edit", "notebook_edit"] } },
      id: "id",
      text: "name",
    },
    {
      type: "tool",
      phase: "end",
      each: "message.content",
      when: { type: "tool_result" },
      id: "tool_use_id",
      output: "content",
      failed: { is_error: "true" },
    },
    {
      type: "usage",
      when: { type: "result" },
      input_tokens: "usage.input_tokens",
      cached_input_tokens: "usage.cache_read_input_tokens",
      output_tokens: "usage.output_tokens",
      keep: "last",
    },
    { type: "result", when: { type: "result", is_error: "false" }, text: "result" },
    { type: "error", when: { type: "result", is_error: "true" }, text: "error" },
  ],
  prompt_guard: "at",
  interrupt: "SIGINT",
  install_hint: "Install it with `npm install -g @qwen-code/qwen-code`, then run `qwen` once to log in.",
};

/** 1.6. It asks nobody, and keeps everything that it may do to itself. */
const pi: Preset = {
  command: "pi",
  title: "pi",
  args: ["-p", "--mode", "json", ["--model", "{model}"], ["--session", "{session_id}"], "{policy_args}"],
  policy_args: { suggest: ["--tools", "read,grep,find,ls"], "full-auto": [] },
  output: "jsonl",
  other_lines: "ignore",
  events: [
    { type: "session", when: { type: "session" }, text: "id" },
    {
      type: "command",
      phase: "start",
      when: { type: "tool_execution_start", toolName: "bash" },
      id: "toolCallId",
      text: "args.command",
    },
    {
      type: "command",
      phase: "end",
      when: { type: "tool_execution_end", toolName: "bash" },
      id: "toolCallId",
      output: "result.content.*.text",
      exit_code: "result.structuredContent.exit_code",
      failed: { isError: "true" },
    },
    {
      type: "file_change",
      when: { type: "tool_execution_start", toolName: ["write", "edit"] },
      phase: "start",
      id: "toolCallId",
      text: "args.path",
    },
    {
      type: "file_change",
      when: { type: "tool_execution_end", toolName: ["write", "edit"] },
      phase: "end",
      id: "toolCallId",
      failed: { isError: "true" },
    },
    {
      type: "tool",
      when: { type: "tool_execution_start", toolName: { not: ["bash", "write", "edit"] } },
      phase: "start",
      id: "toolCallId",
      text: "toolName",
    },
    {
      type: "tool",
      when: { type: "tool_execution_end", toolName: { not: ["bash", "write", "edit"] } },
      phase: "end",
      id: "toolCallId",
      failed: { isError: "true" },
    },
    {
      type: "message",
      when: { type: "message_end", "message.role": "assistant" },
      text: "message.content.*.text",
    },
    {
      type: "usage",
      when: { type: "message_end", "message.role": "assistant" },
      input_tokens: ["message.usage.input", "message.usage.cacheRead", "message.usage.cacheWrite"],
      cached_input_tokens: "message.usage.cacheRead",
      output_tokens: "message.usage.output",
      cost_usd: "message.usage.cost.total",
    },
    {
      type: "result",
      when: { type: "message_end", "message.role": "assistant", "message.stopReason": "stop" },
    },
    {
      type: "error",
      when: { type: "message_end", "message.stopReason": "error" },
      text: "message.errorMessage",
    },
  ],
  interrupt: "SIGINT",
  install_hint: "Install it with `npm install -g @earendil-works/pi-coding-agent` (Node 22).",
};

/** 1.0.102. It tells no tokens. */
const copilot: Preset = {
  command: "copilot",
  title: "GitHub Copilot CLI",
  args: ["--output-format", "json", ["--model", "{model}"], ["--resume={session_id}"], "{policy_args}"],
  policy_args: {
    suggest: ["--deny-tool=write", "--deny-tool=shell"],
    "auto-edit": ["--allow-tool=write", "--deny-tool=shell"],
    "full-auto": ["--allow-all"],
  },
  output: "jsonl",
  other_lines: "ignore",
  events: [
    { type: "session", when: { type: "result" }, text: "sessionId" },
    { type: "message", when: { type: "assistant.message" }, text: "data.content" },
    {
      type: "command",
      phase: "start",
      when: { type: "tool.execution_start", "data.toolName": ["bash", "powershell"] },
      id: "data.toolCallId",
      text: "data.arguments.command",
    },
    {
      type: "command",
      phase: "end",
      when: { type: "tool.execution_complete" },
      id: "data.toolCallId",
      exit_code: "data.shellExecution.exitCode",
      output: "data.result.content",
      failed: { "data.success": "false" },
      declined: { "data.error.code": "denied" },
    },
    {
      type: "file_change",
      phase: "start",
      when: { type: "tool.execution_start", "data.toolName": ["create", "edit"] },
      id: "data.toolCallId",
      text: "data.arguments.path",
      kind: { add: { "data.toolName": "create" } },
    },
    {
      type: "file_change",
      phase: "end",
      when: { type: "tool.execution_complete" },
      id: "data.toolCallId",
      kind: { add: { "data.result.content": "Created*" } },
      failed: { "data.success": "false" },
      declined: { "data.error.code": "denied" },
    },
    {
      type: "tool",
      phase: "start",
      when: {
        type: "tool.execution_start",
        "data.toolName": { not: ["bash", "powershell", "create", "edit"] },
      },
      id: "data.toolCallId",
      text: "data.toolName",
    },
    {
      type: "tool",
      phase: "end",
      when: { type: "tool.execution_complete" },
      id: "data.toolCallId",
      failed: { "data.success": "false" },
    },
    { type: "result", when: { type: "result", exitCode: "0" } },
    { type: "error", when: { type: "session.error" }, text: "data" },
  ],
  interrupt: "SIGINT",
  install_hint: "Install it with `npm install -g @github/copilot`, then run `copilot` once to log in.",
};

/** Read, not seen: its failures end with exit code 0. */
const aider: Preset = {
  command: "aider",
  title: "aider",
  args: [
    "--yes-always",
    "--no-stream",
    "--no-pretty",
    "--no-check-update",
    "--message-file",
    "{prompt_file}",
    ["--model", "{model}"],
    "{policy_args}",
  ],
  policy_args: {
    suggest: ["--chat-mode", "ask", "--dry-run"],
    "auto-edit": ["--no-suggest-shell-commands"],
    "full-auto": [],
  },
  output: "text",
  failures: [
    {
      match:
        "AuthenticationError|Incorrect API key|check your API key|Missing these environment variables|Error code: 401",
      reason: "auth_required",
      hint: "Set the key of the model's provider in the environment of the host.",
    },
    { match: "RateLimitError|insufficient_quota|Error code: 429", reason: "quota_exhausted" },
    { match: "litellm\\.\\w+Error|^Model .* not found", in: "output", reason: "agent_error" },
  ],
  interrupt: "SIGINT",
  install_hint: "Install it with `python -m pip install aider-install && aider-install`.",
};

/** By the name that an entry of the configuration gives it. */
export const AGENT_PRESETS: Readonly<Record<string, Preset>> = { opencode, qwen, pi, copilot, aider };

/** What an entry that says itself how its agent is run takes of a preset: the words that its failures have. */
const ALWAYS_TAKEN = ["failures", "install_hint", "title"] as const;

/** An entry of the configuration with what is known of an agent of that name. */
export function withPreset(name: string, entry: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const preset = Object.hasOwn(AGENT_PRESETS, name) ? AGENT_PRESETS[name] : undefined;
  if (preset === undefined) return { ...entry };
  const describesItself = "args" in entry || "events" in entry || "output" in entry;
  if (!describesItself) return { ...preset, ...entry };
  const taken = ALWAYS_TAKEN.flatMap((key) => preset[key] === undefined ? [] : [[key, preset[key]]]);
  return { ...Object.fromEntries(taken), ...entry };
}
