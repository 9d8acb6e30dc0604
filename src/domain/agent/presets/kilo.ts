/**
 * Room `domain`: Kilo Code CLI, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

/**
 * Tried on version 7.7.7 (its 7.8.1 has no program on npm). It does what its permissions say; they come after those of
 * the user's configuration.
 */
export const KILO: AgentPreset = {
  command: "kilo",
  title: "Kilo Code",
  args: ["acp"],
  output: "acp",
  policy_env: {
    suggest: {
      KILO_PERMISSION: '{"*":"deny","read":"allow","glob":"allow","grep":"allow","list":"allow"}',
    },
    "auto-edit": {
      KILO_PERMISSION:
        '{"*":"deny","read":"allow","glob":"allow","grep":"allow","list":"allow","edit":"allow","todowrite":"allow"}',
    },
    ask: { KILO_PERMISSION: '{"*":"ask","read":"allow","glob":"allow","grep":"allow","list":"allow"}' },
    "full-auto": { KILO_PERMISSION: '{"*":"allow"}' },
  },
  interactive_args: [["--model", "{model}"], "--session", "{session_id}"],
  install_hint: "Install it with `npm install -g @kilocode/cli`, then run `kilo auth login`.",
  login_hint: "Run `kilo auth login` in a terminal.",
};
