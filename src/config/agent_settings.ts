/**
 * Room `config`: settings of one agent, built in or the user's own.
 *
 * @module
 */
import { ARGUMENT_WORD_RULE, isArgumentWord } from "../domain/agent/argument_word.ts";
import * as z from "zod";
import { CustomAgentConfig } from "../domain/agent/custom_agent.ts";
import { AgentName } from "../domain/job/ids.ts";

/** Agents whose driver is part of the program. */
export const BUILT_IN_AGENTS = ["codex", "cursor", "gemini", "claude"] as const;

/** What `<name>_start` calls something else than the start of an agent. */
export const NO_AGENT_NAMES: readonly string[] = ["codex_async", "gemini_confluence", "gemini_pr", "job"];

const texts = { error: "must be a list of texts" };
const textError = { error: "must be a text that is not empty" };
const Text = z.string(textError).min(1, textError);

const shared = {
  command: Text.describe("Name or absolute path of the executable"),
  model: Text.refine(isArgumentWord, ARGUMENT_WORD_RULE).nullable().default(null).describe(
    "The model of a start that names none",
  ),
  args: z.array(z.string(texts), texts).default([]).describe("Arguments to add"),
  env: z.record(z.string(), z.string({ error: "must be a text" }), { error: "must map names to texts" })
    .default({}).describe("Variables to set"),
  mcp: z.enum(["none", "inherit"], { error: "must be none or inherit" }).default("none").describe(
    "Whether the agent may start the MCP servers of its own configuration",
  ),
};

/** Settings of an agent that the program knows. */
export const BuiltInAgentSettings = z.strictObject({ ...shared, command: shared.command.exactOptional() });
export type BuiltInAgentSettings = z.infer<typeof BuiltInAgentSettings>;

/** By agent name: the built-in ones, and any other with at least a `command`. */
export const AgentsConfig = z.object({
  codex: BuiltInAgentSettings.exactOptional(),
  cursor: BuiltInAgentSettings.exactOptional(),
  gemini: BuiltInAgentSettings.exactOptional(),
  claude: BuiltInAgentSettings.exactOptional(),
}, { error: "must map agent names to settings" }).catchall(CustomAgentConfig).superRefine(
  (agents, context) => {
    for (const name of Object.keys(agents)) {
      const named = AgentName.safeParse(name);
      for (const issue of named.error?.issues ?? []) {
        context.addIssue({ code: "custom", path: [name], message: issue.message });
      }
      if (NO_AGENT_NAMES.includes(name)) {
        const message = `must have another name, since ${name}_start is a tool of another kind`;
        context.addIssue({ code: "custom", path: [name], message });
      }
    }
  },
);
export type AgentsConfig = z.infer<typeof AgentsConfig>;
