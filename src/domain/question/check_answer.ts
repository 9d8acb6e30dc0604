/**
 * Room `domain`: whether an answer fits its question. Pure.
 *
 * @module
 */
import { type AgentAsyncError, invalidArgument } from "../errors.ts";
import type { Answer, AskedQuestion } from "./question.ts";

/** Most characters of an answer in words. */
export const ANSWER_CHARS = 20_000;

/** Why `answer` cannot be given to `question`; `null` when it can. */
export function answerFault(question: AskedQuestion, answer: Answer): AgentAsyncError | null {
  const { option, text } = answer;
  const hasText = text !== undefined && text.trim() !== "";
  if (hasText && text.length > ANSWER_CHARS) {
    return invalidArgument("text", `has ${text.length} characters; an answer has at most ${ANSWER_CHARS}`);
  }
  if (option !== undefined && !question.options.some(({ id }) => id === option)) {
    return question.options.length === 0
      ? invalidArgument("option", "the question has no options", "Answer it in words, with text.")
      : invalidArgument("option", `there is no ${JSON.stringify(option)}`, `It can be ${idsOf(question)}.`);
  }
  if (option !== undefined) return null;
  if (question.kind === "text") {
    return hasText ? null : invalidArgument("text", "must not be blank: the question asks for words");
  }
  return hasText
    ? invalidArgument(
      "text",
      "the question is answered by one of its options",
      `Give option: ${idsOf(question)}.`,
    )
    : invalidArgument("option", "must be given", `It can be ${idsOf(question)}.`);
}

function idsOf({ options }: AskedQuestion): string {
  return options.map(({ id, label }) => id === label ? id : `${id} (${label})`).join(", ");
}
