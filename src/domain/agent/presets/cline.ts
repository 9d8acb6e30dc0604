/**
 * Room `domain`: Cline CLI, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

/** Tried on version 3.0.65. It reads without asking and asks for all else, unless it approves everything. */
export const CLINE: AgentPreset = {
  command: "cline",
  title: "Cline",
  args: ["--acp"],
  output: "acp",
  policy_modes: {
    suggest: { mode: "plan", auto_approve: "false" },
    ask: { mode: "act", auto_approve: "false" },
    "full-auto": { mode: "act", auto_approve: "true" },
  },
  install_hint: "Install it with `npm install -g cline`, then run `cline auth`.",
  login_hint: "Run `cline auth` in a terminal, or set CLINE_API_KEY in the environment of the host.",
};
