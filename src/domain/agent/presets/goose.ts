/**
 * Room `domain`: goose, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

/** From reading about goose, not from a trial: its modes are those of GOOSE_MODE. */
export const GOOSE: AgentPreset = {
  command: "goose",
  title: "goose",
  args: ["acp"],
  output: "acp",
  policy_env: {
    suggest: { GOOSE_MODE: "chat" },
    ask: { GOOSE_MODE: "approve" },
    "full-auto": { GOOSE_MODE: "auto" },
  },
  install_hint: "Install goose as block.github.io/goose describes, then run `goose configure`.",
  login_hint: "Run `goose configure` in a terminal.",
};
