/**
 * Room `domain`: Qwen Code, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

/** Tried on version 0.24.4. There is no `auto-edit`: its own such mode also writes outside its directory. */
export const QWEN: AgentPreset = {
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
  acp: {
    args: ["--acp", ["--model", "{model}"]],
    policy_modes: { suggest: "plan", ask: "default", "full-auto": "yolo" },
    auth_method: "openai",
  },
  prompt_guard: "at",
  interrupt: "SIGINT",
  interactive_args: [["--model", "{model}"], "--resume", "{session_id}"],
  install_hint: "Install it with `npm install -g @qwen-code/qwen-code`, then run `qwen` once to log in.",
};
