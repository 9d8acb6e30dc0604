/**
 * Room `domain`: questions and their answers in words, said in one place for transcripts, lists and notices.
 *
 * @module
 */
import { unknownWord } from "../reading/unknown_word.ts";
import type { AskedQuestion, QuestionEnd } from "./question.ts";

/** The question as transcript lines: what is asked, what it is about, and what may be answered. */
export function questionText(question: AskedQuestion): string {
  const { title, detail, options, question_id: id } = question;
  return [
    `[question ${id}: ${title}]`,
    ...(detail === "" ? [] : [detail.trimEnd().split("\n").map((line) => `  ${line}`).join("\n")]),
    ...(options.length === 0 ? [] : [`  [${options.map(({ id, label }) => `${id}: ${label}`).join(" | ")}]`]),
  ].join("\n");
}

/** How a question was settled, in a sentence without its full stop. */
export function answerText(
  { end, option, text, by }: {
    end: QuestionEnd;
    option?: string | undefined;
    text?: string | undefined;
    by: string;
  },
): string {
  switch (end) {
    case "answered":
      return `answered by ${by}: ${[option, text].filter((part) => part !== undefined).join(", ")}`;
    case "rejected":
      return `question rejected by ${by}${text === undefined ? "" : `: ${text}`}`;
    case "superseded":
      return `question superseded by ${by}`;
    case "withdrawn":
      return "the agent asks no longer";
    case "closed":
      return "the turn ended before anybody answered";
    default:
      return `question settled: ${unknownWord(end)}`;
  }
}
