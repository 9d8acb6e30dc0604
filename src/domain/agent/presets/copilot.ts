/**
 * Room `domain`: GitHub Copilot CLI, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

/** Tried on version 1.0.102. It does not report tokens. */
export const COPILOT: AgentPreset = {
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
  acp: {
    args: ["--acp", ["--model", "{model}"], "{policy_args}"],
    // No auto-edit: over ACP, a tool that is allowed to write also writes outside of the directory.
    policy_args: { suggest: ["--deny-tool=write", "--deny-tool=shell"] },
    policy_modes: { ask: { allow_all: "off" }, "full-auto": { allow_all: "on" } },
  },
  interrupt: "SIGINT",
  interactive_args: [["--model", "{model}"], "--resume={session_id}"],
  install_hint: "Install it with `npm install -g @github/copilot`, then run `copilot` once to log in.",
};
