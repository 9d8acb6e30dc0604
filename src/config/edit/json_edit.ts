/**
 * Room `config`: edits JSON with comments, leaving every other byte as it is, in our configuration and, for the command
 * line, in files of hosts. `jsonc-parser` only finds the places: its own edits would put a new key between a value and
 * the comment that belongs to it.
 *
 * @module
 */
import { findNodeAtLocation, type Node, parseTree } from "jsonc-parser";

type Path = readonly string[];

/**
 * `text` with `value` at `path`. An existing value is replaced; missing objects on the way are created.
 *
 * @throws TypeError when a value on the way is not an object
 */
export function setJson(text: string, path: Path, value: unknown): string {
  if (nodeAt(text, []) === undefined) text = `${wholeLines(text)}{}${eolOf(text)}`;
  const found = nodeAt(text, path);
  if (found !== undefined) {
    const replacement = formatted(value, lineIndent(text, found.offset), text);
    return spliced(text, found.offset, found.offset + found.length, replacement);
  }
  let depth = path.length - 1;
  while (depth > 0 && nodeAt(text, path.slice(0, depth)) === undefined) depth--;
  const missing = path.slice(depth + 1).reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  return insert(text, objectAt(text, path.slice(0, depth)), `${JSON.stringify(path[depth])}: `, missing);
}

/**
 * `text` with `value` appended to the list at `path`. When there is no list, one with this single item is set.
 */
export function appendJson(text: string, path: Path, value: unknown): string {
  const list = nodeAt(text, path);
  return list?.type === "array" ? insert(text, list, "", value) : setJson(text, path, [value]);
}

/**
 * `text` without the key at `path`, or without item `index` of the list at `path`. Unchanged when there is no such key
 * or item.
 */
export function removeJson(text: string, path: Path, index?: number): string {
  const node = nodeAt(text, path);
  const child = index === undefined ? node?.parent : node?.children?.[index];
  const container = child?.parent;
  return child === undefined || container === undefined ? text : cut(text, container, child);
}

function nodeAt(text: string, path: Path): Node | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true });
  return root === undefined ? undefined : findNodeAtLocation(root, [...path]);
}

/** A text without any value, which may hold comments, ended by a newline; "" for a blank text. */
function wholeLines(text: string): string {
  return text.trim() === "" ? "" : text.endsWith("\n") ? text : `${text}${eolOf(text)}`;
}

function objectAt(text: string, path: Path): Node {
  const node = nodeAt(text, path);
  if (node?.type !== "object") throw new TypeError(`Cannot edit ${path.join(".")}: it is no object`);
  return node;
}

function insert(text: string, container: Node, key: string, value: unknown): string {
  const end = container.offset + container.length - 1;
  const last = container.children?.at(-1);
  const isOnOneLine = last !== undefined && !text.slice(container.offset, end).includes("\n");
  const afterLast = last === undefined ? end : last.offset + last.length;
  const hasComma = last !== undefined && text[afterTrivia(text, afterLast)] === ",";
  // A new item goes behind everything in the container, including comments, which belong to the item before them.
  const place = container.offset + text.slice(container.offset, end).trimEnd().length;
  const comma = last === undefined || hasComma ? "" : ",";
  if (isOnOneLine) {
    return spliced(text, place, place, `${comma} ${key}${JSON.stringify(value)}${hasComma ? "," : ""}`);
  }
  const eol = eolOf(text);
  const closing = lineIndent(text, container.offset);
  const first = container.children?.[0];
  const indent = first === undefined ? closing + indentUnit(text) : lineIndent(text, first.offset);
  const child = `${eol}${indent}${key}${formatted(value, indent, text)}${hasComma ? "," : ""}`;
  const tail = text.slice(place, end).includes("\n") ? "" : `${eol}${closing}`;
  const inserted = spliced(text, place, place, child + tail);
  return comma === "" ? inserted : spliced(inserted, afterLast, afterLast, comma);
}

function cut(text: string, container: Node, child: Node): string {
  const siblings = container.children ?? [];
  const index = siblings.indexOf(child);
  const before = siblings[index - 1];
  const childEnd = child.offset + child.length;
  const comma = afterTrivia(text, childEnd);
  const hasComma = text[comma] === ",";
  const beforeGap = text.slice(0, child.offset).trimEnd().length;
  const next = siblings[index + 1]?.offset ?? container.offset + container.length - 1;
  // When an item follows on the same line, it stays on that line. Moved to the line above, it could end up inside a
  // `//` comment.
  const isReplaced = !text.slice(childEnd, next).includes("\n") &&
    text.slice(beforeGap, child.offset).includes("\n") &&
    text.slice(text.lastIndexOf("\n", beforeGap - 1) + 1, beforeGap).includes("//");
  const from = isReplaced ? child.offset : beforeGap;
  // Removing `a` from `[a, b]` removes the space after the comma too.
  const gap = from === child.offset ? /^[ \t]*/.exec(text.slice(comma + 1))?.[0].length ?? 0 : 0;
  let result = hasComma ? spliced(text, comma, comma + 1 + gap, "") : text;
  result = spliced(result, from, childEnd, "");
  if (!hasComma && before !== undefined) {
    const commaBefore = afterTrivia(text, before.offset + before.length);
    result = spliced(result, commaBefore, commaBefore + 1, "");
  }
  const end = container.offset + container.length - (text.length - result.length);
  const isEmpty = siblings.length === 1 && result.slice(container.offset + 1, end - 1).trim() === "";
  return isEmpty ? spliced(result, container.offset + 1, end - 1, "") : result;
}

/** The offset of the next character that is neither white space nor part of a comment. */
function afterTrivia(text: string, offset: number): number {
  const trivia = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
  trivia.lastIndex = offset;
  return offset + (trivia.exec(text)?.[0].length ?? 0);
}

function formatted(value: unknown, indent: string, text: string): string {
  const lines = JSON.stringify(value, null, indentUnit(text)).split("\n");
  return lines.join(`${eolOf(text)}${indent}`);
}

/** The indentation of the line that contains `offset`. */
function lineIndent(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? "";
}

/** The file's unit of indentation, taken from its first indented line; two spaces by default. */
function indentUnit(text: string): string {
  return /^(\t|[ ]+)[^\s*]/m.exec(text)?.[1] ?? "  ";
}

function eolOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function spliced(text: string, start: number, end: number, inserted: string): string {
  return text.slice(0, start) + inserted + text.slice(end);
}
