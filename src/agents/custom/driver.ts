/**
 * Room `agents`: an agent of the user's own, from its entry in the configuration.
 *
 * @module
 */
import { fillTemplate, usesPlaceholder } from "./argument_template.ts";
import { acpOf, type CustomAgentConfig, policiesOf } from "../../domain/agent/custom_agent.ts";
import { acpDriver } from "../acp/driver.ts";
import { acpAgent } from "./acp.ts";
import { customProfile } from "./profile.ts";
import { diagnoseCustom } from "./failures.ts";
import type { AgentCommand, TurnPlan } from "../turn_command.ts";
import type { AgentDriver, InteractivePlan } from "../driver.ts";
import type { ReaderContext, TurnReader } from "../turn_reader.ts";
import { FailureWatch } from "./failure_words.ts";
import { guardGeminiPrompt } from "../gemini/prompt.ts";
import { jsonLines } from "../reading/json_lines_reader.ts";
import { fitsSome, MappedReader } from "./mapped_reader.ts";
import { TextReader } from "./text_reader.ts";

/**
 * @param name as in `<name>_start`.
 * @param config checked. Its `args` are the whole command line: `plan.extraArgs` is not used.
 */
export function customDriver(name: string, config: CustomAgentConfig): AgentDriver {
  const profile = customProfile(name, config);
  const acp = acpOf(config);
  const { interactive_args: interactive } = config;
  return {
    ...profile,
    entry: config,
    hasSessions: config.output === "acp" || usesPlaceholder(config.args, "session_id"),
    live: acp === null ? null : acpDriver(acpAgent(profile.title, { config, acp })),
    policies: policiesOf(config),
    gracefulSignal: config.interrupt,
    ...(config.prompt_guard === "at" ? { guardPrompt: guardGeminiPrompt } : {}),
    tellsMoney: config.output === "jsonl" &&
      config.events.some((event) => event.type === "usage" && event.cost_usd !== undefined),
    tells: { files: tellsOf(config, "file_change"), commands: tellsOf(config, "command") },
    command: (plan) => customCommand(config, plan),
    ...(interactive === undefined ? {} : {
      interactive: ({ sessionId, cwd, model }: InteractivePlan) => ({
        args: fillTemplate(interactive, { prompt_file: null, cwd, model, session_id: sessionId }),
        // The configuration's own variables are set by whoever starts it.
        env: {},
      }),
    }),
    reader: (context) => customReader(config, context),
    diagnose: (remains) => {
      const watch = new FailureWatch(config.failures, remains.startedAt);
      if (remains.end.kind === "exited") {
        for (const line of remains.stderr.split("\n")) watch.look(line, "stderr");
      }
      return watch.failure ?? diagnoseCustom(remains);
    },
  };
}

function customReader(config: CustomAgentConfig, context: ReaderContext): TurnReader {
  if (config.output !== "jsonl") return new TextReader(new FailureWatch(config.failures, context.startedAt));
  return jsonLines(new MappedReader(config, context), {
    isWanted: (value) => fitsSome(config.events, value),
  });
}

/** Whether some mapping of the configuration makes events of this type. */
function tellsOf(config: CustomAgentConfig, type: "file_change" | "command"): boolean {
  return config.output === "acp" ||
    config.output === "jsonl" && config.events.some((mapping) => mapping.type === type);
}

function customCommand(config: CustomAgentConfig, plan: TurnPlan): AgentCommand {
  if (config.output === "acp") {
    throw new TypeError("Cannot give a prompt to an agent that is spoken with over ACP");
  }
  const template = [...config.args];
  if (!usesPlaceholder(template, "policy_args")) template.splice(promptPlace(template), 0, "{policy_args}");
  const way = promptWay(config);
  if (way === "argument" && !template.flat().includes("{prompt}")) template.push("{prompt}");
  const args = fillTemplate(template, {
    prompt_file: plan.promptFile,
    cwd: plan.cwd,
    model: plan.model,
    session_id: plan.sessionId,
  }).flatMap((word) => word === "{policy_args}" ? config.policy_args?.[plan.policy] ?? [] : [word]);
  return {
    args,
    // The configuration's own variables are set for every agent by the one who launches it.
    env: config.policy_env?.[plan.policy] ?? {},
    stdin: way === "stdin" ? "prompt" : "none",
    ...(way === "argument" ? { promptAsArgument: args.indexOf("{prompt}") } : {}),
  };
}

/** Where the policy's arguments go: before the group with the prompt, which many CLIs want last, or at the end. */
function promptPlace(template: CustomAgentConfig["args"]): number {
  const place = template.findIndex((entry) =>
    typeof entry === "string" ? entry === "{prompt}" : entry.includes("{prompt}")
  );
  return place < 0 ? template.length : place;
}

function promptWay(config: CustomAgentConfig): "stdin" | "file" | "argument" {
  if (config.prompt !== undefined) return config.prompt;
  if (config.args.flat().includes("{prompt}")) return "argument";
  return usesPlaceholder(config.args, "prompt_file") ? "file" : "stdin";
}
