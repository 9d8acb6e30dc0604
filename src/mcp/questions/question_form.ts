/**
 * Room `mcp`: a question as the form that a host shows to a person, and what the person has put into it.
 *
 * @module
 */
import { plainText } from "../../domain/event/transcript.ts";
import { preview } from "../../domain/job/result.ts";
import type { Answer } from "../../domain/question/question.ts";
import { isRecord } from "../desk/json_rpc.ts";
import type { OpenedQuestion } from "./questions_at_the_desk.ts";

/** Characters of a question's detail in a dialog: more than fits on a screen helps nobody to decide. */
const DETAIL_CHARS = 4_000;

const FIELD = "answer";
/** Beside a choice: a reason, or what none of the options says. */
const WORDS_FIELD = "words";

const WORDS = { type: "string", title: "In your own words", description: "may be left empty" } as const;

/** The params of `elicitation/create`, of the same form in every revision that has it. */
export interface QuestionForm {
  readonly [key: string]: unknown;
  readonly message: string;
  readonly requestedSchema: {
    readonly type: "object";
    readonly properties: Readonly<Record<string, unknown>>;
    readonly required: readonly string[];
  };
}

export function questionForm({ job_id, agent, question }: OpenedQuestion): QuestionForm {
  const { kind, options } = question;
  const title = preview(plainText(question.title), 300);
  const detail = plainText(question.detail).trimEnd();
  const labels = options.map(({ label }) => plainText(label));
  const isWords = kind === "text" || options.length === 0;
  const field = isWords
    ? {
      type: "string",
      title: "Answer",
      minLength: 1,
      ...(labels.length === 0 ? {} : { description: `For example: ${labels.join("; ")}` }),
    }
    // `enumNames` is the one way to name the choices that every revision knows.
    : { type: "string", title: "Answer", enum: options.map(({ id }) => id), enumNames: labels };
  return {
    message: `${agent}, job ${job_id}, asks: ${title}${detail === "" ? "" : `\n\n${shortened(detail)}`}`,
    requestedSchema: {
      type: "object",
      properties: { [FIELD]: field, ...(isWords ? {} : { [WORDS_FIELD]: WORDS }) },
      required: [FIELD],
    },
  };
}

/** What a host answers for its person; `null` where the question was declined, left or not answered in a usable way. */
export function answerIn(result: unknown, { question }: OpenedQuestion): Answer | null {
  if (!isRecord(result) || result.action !== "accept" || !isRecord(result.content)) return null;
  const given = result.content[FIELD];
  if (typeof given !== "string" || given.trim() === "") return null;
  const { kind, options } = question;
  const option = options.find(({ id }) => id === given) ?? options.find(({ label }) => label === given);
  const words = result.content[WORDS_FIELD];
  const text = typeof words === "string" && words.trim() !== "" ? { text: words } : {};
  if (kind !== "text" && option !== undefined) return { option: option.id, ...text };
  return kind === "text" || options.length === 0 ? { text: given } : null;
}

function shortened(detail: string): string {
  if (detail.length <= DETAIL_CHARS) return detail;
  const kept = detail.slice(0, DETAIL_CHARS).replace(/[\ud800-\udbff]$/, "");
  return `${kept}\n[... ${detail.length - kept.length} more characters]`;
}
