/**
 * Room `domain`: presets of coding agents. To use one, its name in the configuration is enough.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";
import { AIDER } from "./aider.ts";
import { AMP } from "./amp.ts";
import { AUGGIE } from "./auggie.ts";
import { CLINE } from "./cline.ts";
import { COPILOT } from "./copilot.ts";
import { GOOSE } from "./goose.ts";
import { KILO } from "./kilo.ts";
import { KIMI } from "./kimi.ts";
import { OPENCODE } from "./opencode.ts";
import { PI } from "./pi.ts";
import { QWEN } from "./qwen.ts";

/** Presets by the name of the configuration entry that uses them. */
export const AGENT_PRESETS: Readonly<Record<string, AgentPreset>> = {
  opencode: OPENCODE,
  qwen: QWEN,
  pi: PI,
  copilot: COPILOT,
  kilo: KILO,
  cline: CLINE,
  kimi: KIMI,
  auggie: AUGGIE,
  goose: GOOSE,
  aider: AIDER,
  amp: AMP,
};

/** Members that an entry takes from its preset even when it describes itself how its agent is run. */
const ALWAYS_TAKEN = ["failures", "install_hint", "login_hint", "title"] as const;

/** A configuration entry, completed from the preset of its name. Its own members count first. */
export function withPreset(name: string, entry: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const preset = Object.hasOwn(AGENT_PRESETS, name) ? AGENT_PRESETS[name] : undefined;
  if (preset === undefined) return { ...entry };
  const describesItself = "args" in entry || "events" in entry || "output" in entry;
  if (!describesItself) return { ...preset, ...entry };
  const taken = ALWAYS_TAKEN.flatMap((key) => preset[key] === undefined ? [] : [[key, preset[key]]]);
  return { ...Object.fromEntries(taken), ...entry };
}
