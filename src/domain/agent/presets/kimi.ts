/**
 * Room `domain`: Kimi Code CLI, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

/** Tried on version 2.1.0. */
export const KIMI: AgentPreset = {
  command: "kimi",
  title: "Kimi Code",
  args: ["acp"],
  output: "acp",
  policy_modes: { suggest: "plan", ask: "default", "full-auto": "yolo" },
  install_hint: "Install it with `npm install -g @moonshot-ai/kimi-code` (Node 22), then run `kimi login`.",
  login_hint: "Run `kimi login` in a terminal.",
};
