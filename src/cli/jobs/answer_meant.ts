/**
 * Room `cli`: what a person means who answers a question by a word, a number or a sentence.
 *
 * @module
 */
import type { Answer, Question } from "../../domain/question/question.ts";

/**
 * An option by its id, its label or its number, or words where words are asked for; `null` when it is none of the
 * question's options and words are not asked for.
 */
export function answerMeant(
  text: string,
  { kind, options }: Pick<Question, "kind" | "options">,
): Answer | null {
  const given = text.trim();
  const word = given.toLowerCase();
  const named = options.find(({ id }) => id === given) ??
    options.find(({ id, label }) => id.toLowerCase() === word || label.trim().toLowerCase() === word) ??
    (/^\d+$/.test(given) ? options[Number(given) - 1] : undefined);
  if (named !== undefined) return { option: named.id };
  return kind === "text" && given !== "" ? { text } : null;
}
