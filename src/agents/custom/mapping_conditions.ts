/**
 * Room `agents`: whether a line of JSON is what a mapping of the configuration says.
 *
 * @module
 */
import type { Condition, EventMapping, When } from "../../domain/agent/event_mapping.ts";
import { membersAt, textsAt } from "../reading/json_members.ts";
import { saidIn } from "../reading/said.ts";

/** A part of a line that a mapping is tried with: the line itself, or an element of the list that `each` names. */
export function partsOf(mapping: EventMapping, line: unknown): unknown[] {
  if (mapping.each === undefined) return [line];
  return membersAt(line, mapping.each).flatMap((member) => Array.isArray(member) ? member : [member]);
}

/** The texts that a mapping finds in a part; words of a failure in whatever shape they come. */
export function mappedTexts(mapping: EventMapping, part: unknown): string[] {
  if (mapping.text === undefined) return [];
  if (mapping.type !== "error" && mapping.type !== "warning") return textsAt(part, mapping.text);
  // A failure may come without any text.
  return membersAt(part, mapping.text).flatMap((member) =>
    saidIn(member) ?? (typeof member === "object" ? JSON.stringify(member) : [])
  );
}

/** Whether all of `when` is true of a part; a member that the part has not is looked for in its line. */
export function isAsSaid(when: When, part: unknown, line: unknown): boolean {
  return Object.entries(when).every(([name, condition]) => {
    const own = textsAt(part, name);
    return holds(condition, own.length > 0 ? own : textsAt(line, name));
  });
}

/** `not` is true of a member that is missing as well. */
function holds(condition: Condition, texts: readonly string[]): boolean {
  if (typeof condition === "object" && !Array.isArray(condition)) return !isOneOf(condition.not, texts);
  return isOneOf(condition, texts);
}

type Words = Exclude<Condition, { not: unknown }>;

function isOneOf(words: Words, texts: readonly string[]): boolean {
  const wanted = (Array.isArray(words) ? words : [words]).map(String);
  return texts.some((text) =>
    wanted.some((word) => word.endsWith("*") ? text.startsWith(word.slice(0, -1)) : text === word)
  );
}
