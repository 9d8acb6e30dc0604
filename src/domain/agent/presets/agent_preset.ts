/**
 * Room `domain`: the type of an agent preset.
 *
 * @module
 */
import type * as z from "zod";
import type { CustomAgentConfig } from "../custom_agent.ts";

/** An agent's entry as a user would write it. Each preset names the agent version on which it was tried. */
export type AgentPreset = z.input<typeof CustomAgentConfig>;
