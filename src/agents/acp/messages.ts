/**
 * Room `agents`: lines of the Agent Client Protocol (version 1), which is JSON-RPC. Read leniently: only what is used
 * is looked at, and a member of an unexpected type counts as missing. A later version's variants pass.
 *
 * @module
 */
import * as z from "zod";
import { type JsonObject, parseObject } from "../reading/json_line.ts";

export type RequestId = string | number;

/** One message from the agent. Request ids of both sides overlap: those of a `request` are the agent's own. */
export type AcpMessage =
  | { readonly kind: "response"; readonly id: RequestId; readonly result: unknown }
  | { readonly kind: "failure"; readonly id: RequestId; readonly error: AcpError }
  | { readonly kind: "request"; readonly id: RequestId; readonly method: string; readonly params: unknown }
  | { readonly kind: "notification"; readonly method: string; readonly params: unknown };

export const AcpError = z.object({
  code: z.number().catch(0),
  message: z.string().catch(""),
  data: z.unknown().optional(),
});
export type AcpError = z.infer<typeof AcpError>;

const Id = z.union([z.string(), z.number()]);

/** The message that `text` is; `null` for what is none. */
export function parseMessage(text: string): AcpMessage | null {
  const value = parseObject(text);
  return value === null ? null : messageOf(value);
}

/** Whether an object is a message of the protocol: a log line with some JSON in it stays as it is. */
export function isMessage(value: JsonObject): boolean {
  return messageOf(value) !== null;
}

function messageOf(value: JsonObject): AcpMessage | null {
  const { method, params } = value;
  const id = Id.safeParse(value["id"]).data;
  if (typeof method === "string") {
    return id === undefined
      ? { kind: "notification", method, params }
      : { kind: "request", id, method, params };
  }
  if (id === undefined) return null;
  if ("error" in value) return { kind: "failure", id, error: AcpError.parse(Object(value["error"])) };
  return "result" in value ? { kind: "response", id, result: value["result"] } : null;
}

/** Longest beginning of a line that is searched for the kind of its update. */
const HEAD_CHARS = 400;

/** Lines longer than this are not worth their parsing, where their beginning says that nothing in them is told. */
const LONG_LINE_CHARS = 16_384;

const UNTOLD =
  /"sessionUpdate":\s*"(?:available_commands_update|config_option_update|session_info_update|user_message_chunk)"/;

/** Whether a line is one of the long ones that tell nothing: Qwen Code lists its commands in 560,000 characters. */
export function isUntold(line: string): boolean {
  return line.length > LONG_LINE_CHARS && UNTOLD.test(line.slice(0, HEAD_CHARS));
}

export const TextBlock = z.object({ type: z.literal("text"), text: z.string() });

/** The text of a content block, or of a list of them, as a later version has it. */
export function blockText(content: unknown): string {
  if (Array.isArray(content)) return content.map(blockText).join("");
  return TextBlock.safeParse(content).data?.text ?? "";
}

/** Those entries of a list that are as `item` says. */
function listOf<Item>(item: z.ZodType<Item>) {
  return z.array(z.unknown()).transform((list) =>
    list.flatMap((entry): Item[] => {
      const parsed = item.safeParse(entry);
      return parsed.success ? [parsed.data] : [];
    })
  ).catch([]);
}

const Choice = z.object({ value: z.string() });

/** The values of a list of choices, or of groups of them. */
const Values = listOf(z.union([Choice, z.object({ options: listOf(Choice) })])).transform((list) =>
  list.flatMap((entry) => "options" in entry ? entry.options : [entry]).map(({ value }) => value)
);

export const ConfigOption = z.object({
  id: z.string(),
  type: z.string().catch("select"),
  category: z.string().nullish().catch(null),
  currentValue: z.union([z.string(), z.boolean()]).nullish().catch(null),
  /** The values that it can have; of one that is true or false, none. */
  options: Values,
});
export type ConfigOption = z.infer<typeof ConfigOption>;

/** The option for `model` or `mode`: that of this id, else of this category, of which there may be several. */
export function optionFor(
  options: readonly ConfigOption[],
  what: "model" | "mode",
): ConfigOption | undefined {
  return options.find(({ id }) => id === what) ?? options.find(({ category }) => category === what);
}

/** What a session's beginning tells. */
export const SessionState = z.object({
  sessionId: z.string().nullish().catch(null),
  modes: z.object({
    currentModeId: z.string().catch(""),
    availableModes: listOf(z.object({ id: z.string() })),
  }).nullish().catch(null),
  models: z.object({
    currentModelId: z.string().catch(""),
    availableModels: listOf(z.object({ modelId: z.string(), name: z.string().catch("") })),
  }).nullish().catch(null),
  configOptions: listOf(ConfigOption),
});
export type SessionState = z.infer<typeof SessionState>;

const Declared = z.union([z.object({}).loose(), z.literal(true)]).optional().catch(undefined);

export const Greeting = z.object({
  agentInfo: z.object({ name: z.string().catch("") }).nullish().catch(null),
  agentCapabilities: z.object({
    loadSession: z.boolean().catch(false),
    sessionCapabilities: z.object({ resume: Declared }).catch({}),
  }).catch({ loadSession: false, sessionCapabilities: {} }),
  authMethods: listOf(
    z.object({ id: z.string(), name: z.string().catch(""), description: z.string().nullish().catch(null) }),
  ),
});
export type Greeting = z.infer<typeof Greeting>;
