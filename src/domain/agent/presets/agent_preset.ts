/**
 * Room `domain`: what a preset of an agent says.
 *
 * @module
 */
import type * as z from "zod";
import type { CustomAgentConfig } from "../custom_agent.ts";

/** An agent's entry as a user would write it into the configuration; what it says was seen on the version it names. */
export type AgentPreset = z.input<typeof CustomAgentConfig>;
