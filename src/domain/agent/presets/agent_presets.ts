/**
 * Room `domain`: coding agents that need no description: naming one in the configuration is enough.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";
import { AIDER } from "./aider.ts";
import { COPILOT } from "./copilot.ts";
import { OPENCODE } from "./opencode.ts";
import { PI } from "./pi.ts";
import { QWEN } from "./qwen.ts";

/** By the name that an entry of the configuration gives it. */
export const AGENT_PRESETS: Readonly<Record<string, AgentPreset>> = {
  opencode: OPENCODE,
  qwen: QWEN,
  pi: PI,
  copilot: COPILOT,
  aider: AIDER,
};

/** What an entry that says itself how its agent is run takes of a preset: the words that its failures have. */
const ALWAYS_TAKEN = ["failures", "install_hint", "title"] as const;

/** An entry of the configuration with what is known of an agent of that name. */
export function withPreset(name: string, entry: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const preset = Object.hasOwn(AGENT_PRESETS, name) ? AGENT_PRESETS[name] : undefined;
  if (preset === undefined) return { ...entry };
  const describesItself = "args" in entry || "events" in entry || "output" in entry;
  if (!describesItself) return { ...preset, ...entry };
  const taken = ALWAYS_TAKEN.flatMap((key) => preset[key] === undefined ? [] : [[key, preset[key]]]);
  return { ...Object.fromEntries(taken), ...entry };
}
