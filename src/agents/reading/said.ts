/**
 * Room `agents`: the words in a value that should have been a text. Agents tell a failure as a text, an object with a
 * message, that object inside of another, or a list of them, and change which.
 *
 * @module
 */

/** Members that hold words, the most telling first. */
const WORDS = ["message", "error", "detail", "details", "reason", "text", "data"] as const;

/** Deeper than any agent nests its errors. */
const MAX_DEPTH = 8;

/**
 * The words of a failure in any shape; `null` where there are none. What holds no words that are known is told as
 * JSON: better read with effort than lost.
 */
export function saidIn(value: unknown): string | null {
  const words = wordsIn(value, MAX_DEPTH);
  if (words !== null || value === undefined || value === null || typeof value === "string") return words;
  const json = JSON.stringify(value) ?? "";
  return json === "" || json === "{}" || json === "[]" ? null : json;
}

function wordsIn(value: unknown, depth: number): string | null {
  if (typeof value === "string") return isBlank(value) ? null : value;
  if (typeof value !== "object" || value === null || depth === 0) return null;
  if (Array.isArray(value)) {
    const all = value.flatMap((element) => wordsIn(element, depth - 1) ?? []);
    return all.length === 0 ? null : all.join("\n");
  }
  for (const name of WORDS) {
    const member: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
    const words = wordsIn(member, depth - 1);
    if (words !== null) return words;
  }
  return null;
}

/** What takes no place on a screen: zero-width characters, marks of direction, controls. */
const UNSEEN = /[\s\p{Cc}\p{Cf}]/gu;

/** Whether a text has nothing to read in it. */
export function isBlank(text: string): boolean {
  return text.replace(UNSEEN, "") === "";
}
