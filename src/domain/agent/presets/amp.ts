/**
 * Room `domain`: Amp, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

/** From reading about Amp, not from a trial: it needs an account. It allows what its own rules allow, and asks nobody. */
export const AMP: AgentPreset = {
  command: "amp",
  title: "Amp",
  args: ["--execute", "--stream-json", "{policy_args}"],
  policy_args: { "auto-edit": [], "full-auto": ["--dangerously-allow-all"] },
  output: "jsonl",
  other_lines: "raw",
  events: [
    { type: "session", when: { type: "system", subtype: "init" }, text: "session_id" },
    { type: "ignore", when: { type: "system" } },
    { type: "message", when: { type: "assistant" }, text: "message.content.*.text" },
    { type: "reasoning", when: { type: "assistant" }, text: "message.content.*.thinking" },
    {
      type: "command",
      phase: "start",
      each: "message.content",
      when: { type: "tool_use", name: "Bash" },
      id: "id",
      text: "input.cmd",
    },
    {
      type: "file_change",
      phase: "start",
      each: "message.content",
      when: { type: "tool_use", name: ["create_file", "edit_file"] },
      id: "id",
      text: "input.path",
      kind: { add: { name: "create_file" } },
    },
    {
      type: "tool",
      phase: "start",
      each: "message.content",
      when: { type: "tool_use", name: { not: ["Bash", "create_file", "edit_file"] } },
      id: "id",
      text: "name",
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
      phase: "end",
      each: "message.content",
      when: { type: "tool_result" },
      id: "tool_use_id",
      failed: { is_error: "true" },
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
      when: { type: "assistant" },
      input_tokens: [
        "message.usage.input_tokens",
        "message.usage.cache_read_input_tokens",
        "message.usage.cache_creation_input_tokens",
      ],
      cached_input_tokens: "message.usage.cache_read_input_tokens",
      output_tokens: "message.usage.output_tokens",
    },
    { type: "result", when: { type: "result", is_error: "false" }, text: "result" },
    { type: "error", when: { type: "result", is_error: "true" }, text: "error" },
  ],
  interrupt: "SIGINT",
  install_hint: "Install it with `npm install -g @ampcode/cli`, then run `amp login`.",
  login_hint: "Run `amp login` in a terminal, or set AMP_API_KEY in the environment of the host.",
};
