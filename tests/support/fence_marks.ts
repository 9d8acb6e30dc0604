/**
 * Test support: the marks around an agent's words, which are drawn anew for each answer.
 *
 * @module
 */

const MARK = /<(\/?)agent-[0-9a-z]{6}>/g;

/** `value`, which is JSON, with marks that are always the same: `<agent>words</agent>`. */
export function withFixedMarks<Value>(value: Value): Value {
  return value === undefined ? value : JSON.parse(JSON.stringify(value).replace(MARK, "<$1agent>"));
}

/** `text` without the marks. */
export function withoutMarks(text: string): string {
  return text.replace(MARK, "");
}

/** `value`, which is JSON, without the marks in its strings. */
export function withoutMarksIn(value: unknown): unknown {
  return value === undefined ? value : JSON.parse(withoutMarks(JSON.stringify(value)));
}
