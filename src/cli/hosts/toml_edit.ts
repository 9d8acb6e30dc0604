/**
 * Room `cli`: edits of one table of a TOML file that leave every other byte as it is. Knows the form `[a.b]`; a table
 * that is written otherwise (dotted keys, an inline table) is left to its owner.
 *
 * @module
 */
import { isPlain, type Path, type Plain } from "./plain_data.ts";
import { type TomlStatement, tomlStatements } from "./toml_statements.ts";

/**
 * `text` with `values` in the table `path`. A value that is an object becomes an inline table, or goes into the
 * sub-table of that name when there is one.
 */
export function setTomlTable(text: string, path: Path, values: Plain): string {
  const header = headerOf(text, path);
  if (header === undefined) return appended(text, path, values);
  let result = text;
  for (const [key, value] of Object.entries(values)) {
    const inner = [...path, key];
    result = isPlain(value) && headerOf(result, inner) !== undefined
      ? setTomlTable(result, inner, value)
      : setPair(result, path, key, value);
  }
  return result;
}

/** `text` without the table `path` and those inside of it. Comments before the next table stay. */
export function removeTomlTable(text: string, path: Path): string {
  const statements = tomlStatements(text);
  const isInside = ({ table }: TomlStatement) => path.every((part, index) => table[index] === part);
  let result = text;
  for (const [index, header] of [...statements.entries()].reverse()) {
    if (header.kind !== "header" || !isInside(header)) continue;
    const next = statements.findIndex(({ kind }, later) => later > index && kind === "header");
    const last = statements[(next < 0 ? statements.length : next) - 1] ?? header;
    result = withoutBlock(result, header.start, lineEnd(result, last.end));
  }
  return result;
}

export function hasTomlTable(text: string, path: Path): boolean {
  return headerOf(text, path) !== undefined;
}

function setPair(text: string, table: Path, key: string, value: unknown): string {
  const inside = tomlStatements(text).filter((statement) => isSame(statement.table, table));
  const pair = inside.find((statement) => statement.kind === "pair" && isSame(statement.key, [key]));
  if (pair !== undefined) return text.slice(0, pair.valueStart) + tomlValue(value) + text.slice(pair.end);
  const end = lineEnd(text, inside.at(-1)?.end ?? text.length);
  return `${text.slice(0, end)}${eolOf(text)}${tomlKey(key)} = ${tomlValue(value)}${text.slice(end)}`;
}

function appended(text: string, path: Path, values: Plain): string {
  const eol = eolOf(text);
  const pairs = Object.entries(values).map(([key, value]) => `${tomlKey(key)} = ${tomlValue(value)}`);
  const table = [`[${path.map(tomlKey).join(".")}]`, ...pairs].join(eol);
  // Without a newline at its end, the file gets none after the table either: removing the table restores it exactly.
  if (text !== "" && !text.endsWith("\n")) return `${text}${eol}${eol}${table}`;
  return `${text}${text === "" ? "" : eol}${table}${eol}`;
}

/** `text` without the lines from `start` to `end` and the empty line that `appended` has put before them. */
function withoutBlock(text: string, start: number, end: number): string {
  if (end === text.length) return text.slice(0, start).replace(/(?:\r?\n){1,2}$/, "");
  const before = text.slice(0, start).replace(/(^|\n)\r?\n$/, "$1");
  // A block at the beginning of the file takes the empty line after it along, which separates nothing any more.
  return before + text.slice(end).replace(before === "" ? /^(?:\r?\n){1,2}/ : /^\r?\n/, "");
}

function headerOf(text: string, path: Path): TomlStatement | undefined {
  return tomlStatements(text).find(({ kind, table }) => kind === "header" && isSame(table, path));
}

function isSame(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

/** The offset of the first line break from `offset` on, or the end of the text. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  if (end < 0) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : tomlString(key);
}

function tomlValue(value: unknown): string {
  if (typeof value === "string") return tomlString(value);
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (isPlain(value)) {
    const pairs = Object.entries(value).map(([key, inner]) => `${tomlKey(key)} = ${tomlValue(inner)}`);
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  return String(value);
}

/** JSON's escapes are TOML's, but for DEL, which JSON leaves as it is. */
function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll("\x7f", "\\u007f");
}

function eolOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}
