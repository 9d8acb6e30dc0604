/**
 * Room `cli`: where the headers and pairs of a TOML file are. Only for files that a parser has accepted: nothing is
 * checked here, and what a value means is the parser's business.
 *
 * @module
 */
import { parsedJson } from "../../domain/reading/parsed_json.ts";

/** A `[table]` line, or a `key = value` that belongs to the header before it. Offsets are of the text. */
export interface TomlStatement {
  readonly kind: "header" | "pair";
  /** Name of the table, in its parts; a pair has that of its header. */
  readonly table: readonly string[];
  /** Key of a pair, in its parts: `a.b = 1` has two. Empty for a header. */
  readonly key: readonly string[];
  readonly start: number;
  /** Offset after the header or the value, before spaces, a comment and the end of the line. */
  readonly end: number;
  /** Offset of a pair's value; for a header the same as `end`. */
  readonly valueStart: number;
}

export function tomlStatements(text: string): TomlStatement[] {
  const found: TomlStatement[] = [];
  let table: readonly string[] = [];
  let at = 0;
  for (;;) {
    at = match(/(?:[\s\ufeff]+|#[^\n]*)*/y, text, at);
    if (at >= text.length) return found;
    const start = at;
    if (text[at] === "[") {
      const end = match(/\[\[?[^\S\n]*/y, text, at);
      const close = keyEnd(text, end);
      table = keyParts(text.slice(end, close));
      at = match(/[^\S\n]*\]\]?/y, text, close);
      found.push({ kind: "header", table, key: [], start, end: at, valueStart: at });
    } else {
      const equals = keyEnd(text, at);
      const valueStart = match(/[^\S\n]*=[^\S\n]*/y, text, equals);
      at = valueEnd(text, valueStart);
      found.push({
        kind: "pair",
        table,
        key: keyParts(text.slice(start, equals)),
        start,
        end: at,
        valueStart,
      });
    }
    // A parser has accepted it; whatever follows on the line is white space or a comment.
    at = match(/[^\n]*/y, text, at);
  }
}

const KEY_PART = String.raw`(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)`;
const KEY = new RegExp(String.raw`${KEY_PART}(?:[ \t]*\.[ \t]*${KEY_PART})*`, "y");

function keyEnd(text: string, start: number): number {
  return match(KEY, text, start);
}

function keyParts(key: string): string[] {
  return [...key.matchAll(new RegExp(KEY_PART, "g"))].map(([part]) => {
    if (part.startsWith("'")) return part.slice(1, -1);
    return part.startsWith('"') ? unescaped(part) : part;
  });
}

/**
 * A quoted key without its escapes. One with an escape that JSON does not know stays as it is: we look for no such
 * key.
 */
function unescaped(part: string): string {
  const value = parsedJson(part);
  return value === undefined ? part : String(value);
}

const STRING = /"""(?:[^\\]|\\[\s\S])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/y;

/** The offset after a value. It ends with its line, unless it is a string or an array of several lines. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let end = start;
  for (let at = start; at < text.length;) {
    const character = text[at] ?? "";
    if (character === '"' || character === "'") {
      at = Math.max(at + 1, match(STRING, text, at));
      end = at;
      continue;
    }
    if (character === "#") {
      at = match(/#[^\n]*/y, text, at);
      continue;
    }
    if (character === "\n" && depth === 0) break;
    if (character === "[" || character === "{") depth++;
    if (character === "]" || character === "}") depth--;
    at++;
    if (character.trim() !== "") end = at;
  }
  return end;
}

/** Where a match of `pattern` (sticky) at `at` ends; `at` itself when there is none. */
function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
