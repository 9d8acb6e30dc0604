/**
 * Room `domain`: the schema of an agent that the user describes in the configuration. A driver is made from it.
 *
 * @module
 */
import { ARGUMENT_WORD_RULE, isArgumentWord } from "./argument_word.ts";
import * as z from "zod";
import { EventMapping, Text } from "./event_mapping.ts";
import { AcpConfig, acpMembers, PolicyArguments, PolicyVariables } from "./acp_config.ts";
import { ArgumentTemplate } from "./argument_template.ts";
import { ApprovalPolicy, isUnasked } from "./policy.ts";

/** Whether a text is a valid regular expression. */
function isPattern(text: string): boolean {
  try {
    new RegExp(text, "i");
    return true;
  } catch {
    return false;
  }
}

/** Words in an agent's output that mean that it has failed. */
export const FailureWords = z.strictObject({
  match: Text.refine(isPattern, { error: "must be a regular expression" }).describe(
    "A regular expression, in either case of letters",
  ),
  in: z.enum(["output", "stderr", "any"]).default("any").describe(
    "Where the words are: in what it prints, on stderr, or in either",
  ),
  reason: z.enum(["auth_required", "quota_exhausted", "agent_error"]).describe("What they mean"),
  hint: Text.exactOptional().describe("What to do about it, in a sentence"),
  retried: Text.refine(isPattern, { error: "must be a regular expression" }).exactOptional().describe(
    "A regular expression for a later line by which it says that it tries again: then it has not failed yet",
  ),
});
export type FailureWords = z.infer<typeof FailureWords>;

type Complain = (path: string, message: string) => void;

/** ACP has places of its own for prompt and session. */
function complainOfAcp(
  { args, acp, events }: { args: ArgumentTemplate[]; acp?: unknown; events: unknown[] },
  complain: Complain,
): void {
  const words = args.flat();
  for (const name of ["prompt", "prompt_file", "session_id"]) {
    if (words.some((word) => word.includes(`{${name}}`))) {
      complain("args", `must not hold {${name}}, since output is acp`);
    }
  }
  if (acp !== undefined) {
    complain("acp", "must not be there, since output is acp: its members are the entry's own");
  }
  if (events.length > 0) complain("events", "must not be there, since output is acp");
}

function complainOfOneWay(
  { policy_modes, policy_args, policy_env }: {
    policy_modes?: unknown;
    policy_args?: { ask?: unknown };
    policy_env?: { ask?: unknown };
  },
  complain: Complain,
): void {
  if (policy_modes !== undefined) complain("policy_modes", "must not be there unless output is acp");
  for (const [name, each] of Object.entries({ policy_args, policy_env })) {
    if (each?.ask !== undefined) complain(name, "must not have ask unless output is acp");
  }
}

export const CustomAgentConfig = z.strictObject({
  command: Text.describe("Name or absolute path of the executable"),
  args: z.array(ArgumentTemplate).default([]).describe(
    "Its arguments; {prompt_file}, {cwd}, {model}, {session_id}, {prompt} and {policy_args} are filled in",
  ),
  env: z.record(z.string(), z.string()).default({}).describe("Variables to set"),
  title: Text.exactOptional().describe("Its name for people; without it the name it has here"),
  prompt: z.enum(["stdin", "file", "argument"]).exactOptional().describe(
    "How it gets its prompt; without it, an argument with {prompt} or {prompt_file} decides, else stdin",
  ),
  output: z.enum(["text", "jsonl", "acp"]).default("text").describe(
    "text: all it prints is its answer, and exit code 0 its success; jsonl: as events says; " +
      "acp: it speaks the Agent Client Protocol, and can be asked and answered",
  ),
  events: z.array(EventMapping).default([]).describe("How its lines of JSON become events"),
  other_lines: z.enum(["raw", "ignore"]).default("raw").describe(
    "What becomes of lines that no event fits: told as they are, or left out",
  ),
  failures: z.array(FailureWords).default([]).describe(
    "Words that mean a failure, whatever the exit code; the first that fits counts",
  ),
  prompt_guard: z.enum(["at", "none"]).default("none").describe(
    "at: it expands @path and /name in a prompt, which is kept from it; none: it takes a prompt as it is",
  ),
  interrupt: z.enum(["SIGINT", "SIGTERM"]).default("SIGTERM").describe(
    "The signal by which it ends in order",
  ),
  policy_env: PolicyVariables.exactOptional().describe("Variables to set for each approval policy"),
  policy_args: PolicyArguments.exactOptional().describe(
    "What to add for each approval policy, at {policy_args}, else before the prompt or at the end; " +
      "a policy without a list is refused",
  ),
  policy_modes: acpMembers.policy_modes,
  auth_method: acpMembers.auth_method,
  steering: acpMembers.steering,
  acp: AcpConfig.exactOptional().describe(
    "How it is run where it is spoken with over ACP, beside its output",
  ),
  interactive_args: z.array(ArgumentTemplate).exactOptional().describe(
    "The arguments with which a person goes on with a job's session at a terminal; " +
      "{session_id}, {cwd} and {model} are filled in",
  ),
  live: z.boolean({ error: "must be true, false or null" }).nullable().default(null).describe(
    "Whether its turns are talks in both directions; null: where the policy is ask, or its output is acp",
  ),
  version_args: z.array(z.string()).default(["--version"]).describe("What makes it print its version"),
  install_hint: Text.exactOptional().describe("What to do when it is not installed"),
  login_hint: Text.exactOptional().describe("What to do when it is not logged in"),
  model: Text.refine(isArgumentWord, ARGUMENT_WORD_RULE).nullable().default(null).describe(
    "The model of a start that names none",
  ),
}).superRefine((config, context) => {
  const complain = (path: string, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  if (config.interactive_args?.flat().some((word) => word.includes("{session_id}")) === false) {
    complain("interactive_args", "must hold {session_id}");
  }
  const words = config.args.flat();
  if (words.some((word) => word.includes("{prompt}") && word !== "{prompt}")) {
    complain("args", "{prompt} must be an argument by itself");
  }
  if (words.filter((word) => word === "{prompt}").length > 1) {
    complain("args", "{prompt} may occur only once");
  }
  if (config.prompt === "file" && !words.some((word) => word.includes("{prompt_file}"))) {
    complain("args", "must hold {prompt_file}, since prompt is file");
  }
  if (config.prompt !== undefined && config.prompt !== "argument" && words.includes("{prompt}")) {
    complain("args", "must not hold {prompt} unless prompt is argument");
  }
  if (config.output === "jsonl" && config.events.length === 0) {
    complain("events", "must say how lines become events, since output is jsonl");
  }
  if (config.output === "acp") complainOfAcp(config, complain);
  else complainOfOneWay(config, complain);
});
export type CustomAgentConfig = z.infer<typeof CustomAgentConfig>;

/**
 * The approval policies that an agent can keep by its one-way output. An agent whose entry names no policy may write,
 * so it is refused only `suggest`.
 */
export function policiesOf({ output, policy_args, policy_env }: CustomAgentConfig): ApprovalPolicy[] {
  if (output === "acp") return [];
  if (policy_args === undefined && policy_env === undefined) return ["auto-edit", "full-auto"];
  return ApprovalPolicy.options.filter(isUnasked).filter((policy) =>
    policy_args?.[policy] !== undefined || policy_env?.[policy] !== undefined
  );
}

/** How the agent is run where it is spoken with over ACP; `null`: it is not. */
export function acpOf({ output, acp, ...entry }: CustomAgentConfig): AcpConfig | null {
  if (output !== "acp") return acp ?? null;
  const { args, policy_modes, policy_args, policy_env, auth_method, steering } = entry;
  return {
    args,
    steering,
    ...(policy_modes === undefined ? {} : { policy_modes }),
    ...(policy_args === undefined ? {} : { policy_args }),
    ...(policy_env === undefined ? {} : { policy_env }),
    ...(auth_method === undefined ? {} : { auth_method }),
  };
}
