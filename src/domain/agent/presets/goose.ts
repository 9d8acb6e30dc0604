/**
 * Room `domain`: goose, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

/** From reading goose's source, not from a trial: its modes are those of GOOSE_MODE. */
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
  failures: [{
    match: "Failed to resolve provider|GOOSE_PROVIDER",
    reason: "auth_required",
    hint: "Run `goose configure` in a terminal.",
  }],
  install_hint: "Install goose as block.github.io/goose describes, then run `goose configure`.",
  login_hint: "Run `goose configure` in a terminal.",
};
