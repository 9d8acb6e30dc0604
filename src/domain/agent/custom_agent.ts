/**
 * Room `domain`: the schema of an agent that the user describes in the configuration. A driver is made from it.
 *
 * @module
 */
import { ARGUMENT_WORD_RULE, isArgumentWord } from "./argument_word.ts";
import * as z from "zod";
import { EventMapping, Text } from "./event_mapping.ts";
import { ApprovalPolicy, isUnasked, type UnaskedPolicy } from "./policy.ts";

/**
 * One argument, or a group (`["--model", "{model}"]`). `{prompt_file}`, `{cwd}`, `{model}` and `{session_id}` are
 * filled in anywhere in an argument. When a placeholder has no value (no model asked for, a new session), its argument
 * is left out with its whole group. `{prompt}` and `{policy_args}` must be whole arguments.
 */
export const ArgumentTemplate = z.union([z.string(), z.array(z.string()).min(1)], {
  error: "must be a text or a list of texts",
});
export type ArgumentTemplate = z.infer<typeof ArgumentTemplate>;

const PolicyArguments = z.strictObject(
  {
    suggest: z.array(z.string()).exactOptional(),
    "auto-edit": z.array(z.string()).exactOptional(),
    "full-auto": z.array(z.string()).exactOptional(),
  } satisfies Record<UnaskedPolicy, z.ZodType>,
);

const PolicyVariables = z.strictObject(
  {
    suggest: z.record(z.string(), z.string()).exactOptional(),
    "auto-edit": z.record(z.string(), z.string()).exactOptional(),
    "full-auto": z.record(z.string(), z.string()).exactOptional(),
  } satisfies Record<UnaskedPolicy, z.ZodType>,
);

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
});
export type FailureWords = z.infer<typeof FailureWords>;

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
  output: z.enum(["text", "jsonl"]).default("text").describe(
    "text: all it prints is its answer, and exit code 0 its success; jsonl: as events says",
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
  version_args: z.array(z.string()).default(["--version"]).describe("What makes it print its version"),
  install_hint: Text.exactOptional().describe("What to do when it is not installed"),
  model: Text.refine(isArgumentWord, ARGUMENT_WORD_RULE).nullable().default(null).describe(
    "The model of a start that names none",
  ),
}).superRefine((config, context) => {
  const complain = (path: string, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
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
});
export type CustomAgentConfig = z.infer<typeof CustomAgentConfig>;

/**
 * The approval policies that an agent can keep. An agent whose entry names no policy may write, so it is refused only
 * `suggest`.
 */
export function policiesOf({ policy_args, policy_env }: CustomAgentConfig): ApprovalPolicy[] {
  if (policy_args === undefined && policy_env === undefined) return ["auto-edit", "full-auto"];
  return ApprovalPolicy.options.filter(isUnasked).filter((policy) =>
    policy_args?.[policy] !== undefined || policy_env?.[policy] !== undefined
  );
}
