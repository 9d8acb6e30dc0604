/**
 * Room `domain`: an agent of the user's own, as the configuration describes it and a driver is made from it.
 *
 * @module
 */
import * as z from "zod";
import type { ApprovalPolicy } from "./policy.ts";

const textError = { error: "must be a text that is not empty" };
const Text = z.string(textError).min(1, textError);

/** What a line of JSON can be; `ignore` is for lines that nobody need see. */
export const MAPPED_EVENTS = [
  "session",
  "message",
  "reasoning",
  "command",
  "tool",
  "file_change",
  "usage",
  "warning",
  "error",
  "result",
  "ignore",
] as const;

/**
 * How lines of JSON become events. A mapping fits a line when each member that `when` names has the given value (as
 * text: `"true"`, `"3"`) and the member that `text` names is there and not empty. Every mapping that fits gives its
 * event, in their order; a line that none fits is kept as it is.
 *
 * Members are named with dots (`message.content`); `*` stands for every element of a list
 * (`message.content.*.text`), and what is found there is joined, except that a command, tool or file change becomes
 * one event each.
 */
export const EventMapping = z.strictObject({
  type: z.enum(MAPPED_EVENTS).describe("What a line that fits becomes; ignore is for lines nobody need see"),
  when: z.record(z.string(), z.string()).default({}).describe(
    "Members that a line must have, with their value as text; dots lead inwards",
  ),
  text: Text.exactOptional().describe(
    "The member with the session's id, the message, the thought, the command line, the tool's name, the file's path, " +
      "or the words of a warning, error or result; only usage, result and ignore do without",
  ),
  chunk: z.boolean().exactOptional().describe(
    "A message that comes in pieces, which are joined until something else comes",
  ),
  output: Text.exactOptional().describe("The member with what a command or tool printed"),
  exit_code: Text.exactOptional().describe("The member with the exit code of a command"),
  input_tokens: Text.exactOptional().describe("The member with the tokens read, cached ones included"),
  cached_input_tokens: Text.exactOptional().describe("The member with those of them that were cached"),
  output_tokens: Text.exactOptional().describe("The member with the tokens written"),
}).refine((mapping) => mapping.text !== undefined || TEXTLESS.has(mapping.type), {
  path: ["text"],
  error: "must name the member that holds the text",
});
export type EventMapping = z.infer<typeof EventMapping>;

const TEXTLESS: ReadonlySet<string> = new Set(["usage", "result", "ignore"]);

/**
 * An argument, or several that belong together (`["--model", "{model}"]`). `{prompt_file}`, `{cwd}`, `{model}` and
 * `{session_id}` are filled in anywhere in a text; one whose placeholder has no value (no model was asked for, a new
 * session) is left out, with all that belong to it. `{prompt}` and `{policy_args}` are arguments by themselves.
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
  } satisfies Record<ApprovalPolicy, z.ZodType>,
);

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
  policy_args: PolicyArguments.exactOptional().describe(
    "What to add for each approval policy, at {policy_args}, else before the prompt or at the end",
  ),
  version_args: z.array(z.string()).default(["--version"]).describe("What makes it print its version"),
  install_hint: Text.exactOptional().describe("What to do when it is not installed"),
  model: Text.nullable().default(null).describe("The model of a start that names none"),
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
