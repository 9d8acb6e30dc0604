/**
 * Room `agents`: what an MCP server of the worker's asks (an elicitation), as a question, and an answer in the form
 * that the server expects. The same for every agent that hands elicitations on.
 *
 * @module
 */
import * as z from "zod";
import type { Answer, AskedQuestion, QuestionOption } from "../../domain/question/question.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";
import { questionDetail, questionTitle } from "./asked_text.ts";

const Titled = z.object({ const: z.unknown(), title: z.string().optional().catch(undefined) });

const Field = z.object({
  type: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  enum: z.array(z.string()).optional().catch(undefined),
  enumNames: z.array(z.string()).optional().catch(undefined),
  oneOf: z.array(Titled).optional().catch(undefined),
});
type Field = z.infer<typeof Field>;

const Schema = z.object({
  properties: z.record(z.string(), Field).catch({}),
  required: z.array(z.string()).catch([]),
});

export interface Elicitation {
  /** The agent's own id of the request. */
  readonly id: string;
  readonly server: string;
  readonly message: string;
  /** Set when the server asks for a page to be opened; it is then no form. */
  readonly url?: string | undefined;
  /** JSON Schema of a flat object. */
  readonly schema?: unknown;
}

/** What the server gets, in the words of MCP. */
export interface ElicitationReply {
  readonly action: "accept" | "decline" | "cancel";
  readonly content?: Readonly<Record<string, unknown>>;
}

const DECLINE: QuestionOption = { id: "decline", label: "Give no answer", kind: "reject" };

export function elicitationQuestion(asked: Elicitation): AskedQuestion {
  const { id, server, message, url } = asked;
  const about = { question_id: id, title: questionTitle(`The MCP server ${server} asks: ${message}`) };
  if (url !== undefined) {
    return {
      ...about,
      kind: "approval",
      detail: questionDetail(`${message}\n\nIt asks for this page to be opened:\n${url}`),
      options: [{ id: "accept", label: "It was opened and done", kind: "allow" }, DECLINE],
    };
  }
  const { properties, required } = schemaOf(asked);
  const fields = Object.entries(properties);
  const [only] = fields;
  if (only === undefined) {
    return {
      ...about,
      kind: "approval",
      detail: questionDetail(message),
      options: [{ id: "accept", label: "Yes", kind: "allow" }, DECLINE],
    };
  }
  const choices = fields.length === 1 ? choicesOf(only[1]) : null;
  return {
    ...about,
    kind: choices === null ? "text" : "choice",
    detail: questionDetail(
      [message, "", ...fields.map(([name, field]) => fieldLine(name, field, required.includes(name)))]
        .concat(
          fields.length === 1 ? [] : ["", "Answer with a JSON object, or with lines such as `name: value`."],
        )
        .join("\n"),
    ),
    // No allow or reject here: only an approval has those.
    options: [
      ...(choices ?? []).map(({ label }, index) => ({ id: String(index + 1), label: questionTitle(label) })),
      { id: DECLINE.id, label: DECLINE.label },
    ],
  };
}

/** The reply for an answer that is valid for the question. What cannot be converted is handed on as it was given. */
export function elicitationReply(asked: Elicitation, { option, text }: Answer): ElicitationReply {
  if (option === DECLINE.id) return { action: "decline" };
  if (asked.url !== undefined) return { action: "accept" };
  const { properties, required } = schemaOf(asked);
  const fields = Object.entries(properties);
  const [only] = fields;
  if (only === undefined) return { action: "accept", content: {} };
  const [name, field] = only;
  const chosen = choicesOf(field)?.[Number(option) - 1];
  if (fields.length === 1 && chosen !== undefined) {
    return { action: "accept", content: { [name]: chosen.value } };
  }
  return { action: "accept", content: contentOf(text ?? "", properties, required) };
}

function schemaOf({ schema }: Elicitation): z.infer<typeof Schema> {
  return Schema.safeParse(schema).data ?? { properties: {}, required: [] };
}

function choicesOf(
  { type, enum: values, enumNames, oneOf }: Field,
): { label: string; value: unknown }[] | null {
  if (type === "boolean") return [{ label: "Yes", value: true }, { label: "No", value: false }];
  if (oneOf !== undefined) {
    return oneOf.map(({ const: value, title }) => ({ label: title ?? String(value), value }));
  }
  return values?.map((value, index) => ({ label: enumNames?.[index] ?? value, value })) ?? null;
}

function fieldLine(name: string, field: Field, isRequired: boolean): string {
  const values = choicesOf(field)?.map(({ value }) => JSON.stringify(value)).join(" | ");
  const about = [field.title, field.description].filter((text) => text !== undefined).join(": ");
  return `${name} (${values ?? field.type ?? "string"}${isRequired ? "" : ", optional"})${
    about === "" ? "" : `: ${about}`
  }`;
}

/** A JSON object, lines of `name: value`, or the one value that is wanted. */
function contentOf(
  text: string,
  properties: Readonly<Record<string, Field>>,
  required: readonly string[],
): Record<string, unknown> {
  const object = z.record(z.string(), z.unknown()).safeParse(parsedJson(text)).data;
  if (object !== undefined) return object;
  const lines = text.split("\n").flatMap((line) => {
    const [, name = "", value = ""] = /^\s*([^:]+?)\s*:\s*(.*)$/.exec(line) ?? [];
    const field = properties[name];
    return field === undefined ? [] : [[name, converted(value, field)] as const];
  });
  if (lines.length > 0) return Object.fromEntries(lines);
  const [name] = required.length === 1 ? required : Object.keys(properties);
  const field = name === undefined ? undefined : properties[name];
  return name === undefined || field === undefined ? {} : { [name]: converted(text.trim(), field) };
}

function converted(text: string, field: Field): unknown {
  const choice = choicesOf(field)?.find(({ label, value }) =>
    [label, String(value)].some((word) => word.toLowerCase() === text.toLowerCase())
  );
  if (choice !== undefined) return choice.value;
  const number = Number(text);
  const isNumber = field.type === "number" || field.type === "integer";
  return isNumber && text !== "" && Number.isFinite(number) ? number : text;
}
