/**
 * Room `domain`: the schema of a mapping from an agent's JSON lines to events. Users write mappings in the
 * configuration.
 *
 * @module
 */
import * as z from "zod";

const textError = { error: "must be a text that is not empty" };
export const Text = z.string(textError).min(1, textError);

/** What a JSON line can become; `ignore` drops a line. */
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

/** A value to match as text (`"true"`, `"3"`); a star at the end matches any rest (`"tool_*"`). */
const Word = z.union([z.string(), z.number(), z.boolean()], {
  error: "must be a text, a number, true or false",
});
const Words = z.union([Word, z.array(Word).min(1)], { error: "must be a value or a list of values" });

/** What a member must be: one of these values, or with `not` none of them. */
export const Condition = z.union([Words, z.strictObject({ not: Words })], {
  error: 'must be a value, a list of values or { "not": ... }',
});
export type Condition = z.infer<typeof Condition>;

/** Conditions by member name; a dot goes into an object (`message.role`). */
const When = z.record(z.string(), Condition);
export type When = z.infer<typeof When>;

/** A member that holds a number, or several whose numbers are added up. */
const Sum = z.union([Text, z.array(Text).min(1)], { error: "must name a member, or list several" });
export type Sum = z.infer<typeof Sum>;

const ChangeKind = z.union([
  Text,
  z.strictObject({ add: When.exactOptional(), delete: When.exactOptional() }),
], { error: "must be add, update or delete, a member, or conditions for add and delete" });
export type ChangeKind = z.infer<typeof ChangeKind>;

const ACTIONS: ReadonlySet<string> = new Set(["command", "tool", "file_change"]);
const TEXTLESS: ReadonlySet<string> = new Set(["usage", "result", "ignore"]);
const KEPT: ReadonlySet<string> = new Set(["session", "usage", "result"]);

/**
 * A mapping fits a line when every condition in `when` holds and the member that `text` names is there and not empty.
 * Every mapping that fits makes an event, in order. `other_lines` decides about a line that none fits.
 *
 * Members are named with dots (`message.content`). `*` stands for every element of a list (`message.content.*.text`).
 * The texts found there are joined, but commands, tools and file changes become one event each.
 */
export const EventMapping = z.strictObject({
  type: z.enum(MAPPED_EVENTS).describe("What a line that fits becomes; ignore is for lines nobody need see"),
  when: When.default({}).describe(
    'Members that a line must have: a value as text, a beginning ("tool_*"), a list of them, or { "not": ... }',
  ),
  each: Text.exactOptional().describe(
    "A list of the line: the mapping is tried with each of its elements, and members are named from there",
  ),
  text: Text.exactOptional().describe(
    "The member with the session's id, the message, the thought, the command line, the tool's name, the file's path, " +
      "or the words of a warning, error or result; usage, result, ignore and the end of an action do without",
  ),
  chunk: z.boolean().exactOptional().describe(
    "A message that comes in pieces, which are joined until something else comes",
  ),
  phase: z.enum(["start", "end"]).exactOptional().describe(
    "Whether a line is the start or the end of a command, tool or file change; without it, it is both",
  ),
  id: Text.exactOptional().describe("The member that is the same in the start and the end of an action"),
  output: Text.exactOptional().describe("The member with what a command or tool printed"),
  exit_code: Text.exactOptional().describe("The member with the exit code of a command"),
  failed: When.exactOptional().describe("Members that an action that failed has, as in when"),
  declined: When.exactOptional().describe("Members that an action that was not allowed has, as in when"),
  kind: ChangeKind.exactOptional().describe(
    "Of a file change: add, update or delete, a member that says it, or conditions for add and delete",
  ),
  input_tokens: Sum.exactOptional().describe(
    "The member with the tokens read, cached ones included; a list is added up",
  ),
  cached_input_tokens: Sum.exactOptional().describe("The member with those of them that were cached"),
  output_tokens: Sum.exactOptional().describe("The member with the tokens written"),
  cost_usd: Sum.exactOptional().describe("The member with the price in US dollars"),
  keep: z.enum(["first", "last"]).exactOptional().describe(
    "Of several sessions, usages or results: which one counts; without it usages are added up and the last " +
      "session and result count",
  ),
}).superRefine((mapping, context) => {
  const complain = (path: string, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  const { type, text, phase, id, keep } = mapping;
  if (text === undefined && !TEXTLESS.has(type) && phase !== "end") {
    complain("text", "must name the member that holds the text");
  }
  if (phase !== undefined && !ACTIONS.has(type)) {
    complain("phase", "must be with a command, tool or file_change");
  }
  if (phase !== undefined && id === undefined) {
    complain("id", "must name the member that joins start and end");
  }
  if (keep !== undefined && !KEPT.has(type)) complain("keep", "must be with a session, usage or result");
});
export type EventMapping = z.infer<typeof EventMapping>;
