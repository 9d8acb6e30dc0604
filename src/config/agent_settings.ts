/**
 * Room `config`: the settings of one agent, built in or defined by the user.
 *
 * @module
 */
import { ARGUMENT_WORD_RULE, isArgumentWord } from "../domain/agent/argument_word.ts";
import * as z from "zod";
import { CustomAgentConfig } from "../domain/agent/custom_agent.ts";
import { AgentName } from "../domain/job/ids.ts";

/** The built-in agents, whose drivers are part of the program. */
export const BUILT_IN_AGENTS = ["codex", "cursor", "gemini", "claude"] as const;

/** Names that an agent must not have: a tool `<name>_start` exists for each, and does not start an agent. */
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

/** Settings of a built-in agent, whose `command` is optional. */
export const BuiltInAgentSettings = z.strictObject({
  ...shared,
  command: shared.command.exactOptional(),
  live: z.boolean({ error: "must be true, false or null" }).nullable().default(null).describe(
    "Whether its turns are talks in both directions; null: where the policy is ask, and where that has proved itself",
  ),
});
export type BuiltInAgentSettings = z.infer<typeof BuiltInAgentSettings>;

/** Settings by agent name: of built-in agents, and of any others, which need at least a `command`. */
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
