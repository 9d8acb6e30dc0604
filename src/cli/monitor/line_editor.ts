/**
 * Room `cli`, the monitor: one line that is being typed.
 *
 * @module
 */
import { graphemes } from "../render/width.ts";
import type { Key } from "./keys.ts";

export interface Line {
  readonly before: string;
  readonly after: string;
}

export const EMPTY_LINE: Line = { before: "", after: "" };

export function lineOf(text: string): Line {
  return { before: text, after: "" };
}

export function textOf(line: Line): string {
  return line.before + line.after;
}

/** The line after `key`; the same line for a key that means nothing in it. */
export function edited(line: Line, key: Key): Line {
  if (key.kind === "text") return { ...line, before: line.before + key.text };
  if (key.kind === "paste") {
    return { ...line, before: line.before + key.text.replace(/\r\n?/g, "\n") };
  }
  const { before, after } = line;
  switch (key.name) {
    case "left":
      return { before: withoutLast(before), after: last(before) + after };
    case "right":
      return { before: before + first(after), after: after.slice(first(after).length) };
    case "home":
    case "ctrl_a":
      return { before: "", after: before + after };
    case "end":
    case "ctrl_e":
      return { before: before + after, after: "" };
    case "backspace":
      return { before: withoutLast(before), after };
    case "delete":
    case "ctrl_d":
      return { before, after: after.slice(first(after).length) };
    case "ctrl_u":
      return { before: "", after };
    case "ctrl_k":
      return { before, after: "" };
    case "ctrl_w":
      return { before: before.replace(/\S*\s*$/, ""), after };
    default:
      return line;
  }
}

function last(text: string): string {
  return graphemes(text).at(-1) ?? "";
}

function first(text: string): string {
  return graphemes(text)[0] ?? "";
}

function withoutLast(text: string): string {
  return text.slice(0, text.length - last(text).length);
}
