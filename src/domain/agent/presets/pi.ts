/**
 * Room `domain`: pi, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

/**
 * Tried on version 1.6. It never asks; under `suggest` it gets only tools that read. One-way: what its adapter for ACP
 * (`pi-acp` 0.0.34) tells of a failed call of the model is a turn that ended well.
 */
export const PI: AgentPreset = {
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
  interactive_args: [["--model", "{model}"], "--session", "{session_id}"],
  install_hint: "Install it with `npm install -g @earendil-works/pi-coding-agent` (Node 22).",
};
