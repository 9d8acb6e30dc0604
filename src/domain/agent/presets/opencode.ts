/**
 * Room `domain`: opencode, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

/** Tried on version 1.18.33. `opencode run` never asks; it does not do what its permissions deny. */
export const OPENCODE: AgentPreset = {
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
  acp: {
    args: ["acp"],
    policy_env: {
      suggest: {
        OPENCODE_PERMISSION: '{"edit":"deny","bash":"deny","webfetch":"deny","external_directory":"deny"}',
      },
      "auto-edit": {
        OPENCODE_PERMISSION: '{"edit":"allow","bash":"deny","external_directory":"deny"}',
      },
      ask: {
        OPENCODE_PERMISSION: '{"edit":"ask","bash":"ask","webfetch":"ask","external_directory":"ask"}',
      },
      "full-auto": { OPENCODE_PERMISSION: '{"*":"allow"}' },
    },
  },
  interrupt: "SIGINT",
  login_hint: "Run `opencode auth login` in a terminal.",
  interactive_args: [["--model", "{model}"], "--session", "{session_id}"],
  install_hint: "Install it with `npm install -g opencode-ai`, then run `opencode auth login`.",
};
