/**
 * Room `domain`: Auggie CLI, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

/** Of version 0.36.0 only its greeting was tried, since all else needs an account. */
export const AUGGIE: AgentPreset = {
  command: "auggie",
  title: "Auggie",
  args: ["--acp", ["--model", "{model}"]],
  output: "acp",
  policy_modes: { ask: {} },
  install_hint: "Install it with `npm install -g @augmentcode/auggie`, then run `auggie login`.",
  login_hint: "Run `auggie login` in a terminal.",
};
