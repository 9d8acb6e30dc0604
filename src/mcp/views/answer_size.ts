/**
 * Room `mcp`: answers that hosts take whole. Claude Code puts what is over about 25,000 tokens into a file, Gemini
 * cuts at 40,000 characters.
 *
 * @module
 */
import type { ToolAnswer } from "../tools/definition/tool.ts";

/** Characters of an answer's text, and of its structured form as JSON. */
export const MAX_ANSWER_CHARS = 36_000;

export function fits(answer: ToolAnswer): boolean {
  return answer.text.length <= MAX_ANSWER_CHARS &&
    JSON.stringify(answer.structured).length <= MAX_ANSWER_CHARS;
}

/** The first form of an answer that fits, from the richest to the barest; the last one if none does. */
export function firstThatFits<Level>(
  levels: readonly [Level, ...Level[]],
  form: (level: Level) => ToolAnswer,
): ToolAnswer {
  let answer = form(levels[0]);
  for (const level of levels.slice(1)) {
    if (fits(answer)) return answer;
    answer = form(level);
  }
  return answer;
}
