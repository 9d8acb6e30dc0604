/**
 * Room `config`: parses the configuration file, JSON with comments and trailing commas. Loading the parser takes 10 to
 * 25 ms, so this module is imported only when it is needed.
 *
 * @module
 */
import { parse, type ParseError, printParseErrorCode } from "jsonc-parser";
import { AgentAsyncError } from "../domain/errors.ts";
import { MAX_JSON_LEVELS } from "../domain/reading/parsed_json.ts";

/**
 * Parses the text of the file. A file with nothing but comments gives `{}`. The value is not checked against the
 * schema.
 *
 * @throws AgentAsyncError `config_invalid` with file, line and column of the first fault
 */
export function parseConfigFile(text: string, path: string): unknown {
  const errors: ParseError[] = [];
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const value = parsed(source, errors, path);
  const [first] = errors;
  // An empty file, or one with nothing but comments, has no settings.
  if (first === undefined) return value === undefined ? {} : value;
  const { line, column } = positionOf(source, first.offset);
  throw new AgentAsyncError(
    "config_invalid",
    `${path}:${line}:${column}: ${PROBLEMS[printParseErrorCode(first.error)] ?? "is not valid JSON"}`,
    { hint: "It is JSON; comments and trailing commas are allowed." },
  );
}

function parsed(source: string, errors: ParseError[], path: string): unknown {
  const tooDeep = new AgentAsyncError("config_invalid", `${path}: it is nested too deeply`);
  try {
    const value = parse(source, errors, { allowTrailingComma: true, allowEmptyContent: true });
    if (isDeeperThan(value, MAX_JSON_LEVELS)) throw tooDeep;
    return value;
  } catch (error) {
    // The parser is recursive, so many nested brackets exhaust the stack.
    throw error instanceof RangeError ? tooDeep : error;
  }
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}

/** What people read for each error code of the parser. */
const PROBLEMS: Readonly<Record<string, string>> = {
  InvalidSymbol: "a name or word that JSON does not know; texts and keys need double quotes",
  InvalidNumberFormat: "not a number",
  PropertyNameExpected: "a key in double quotes is expected here",
  ValueExpected: "a value is expected here",
  ColonExpected: "a colon is expected here",
  CommaExpected: "a comma is expected here",
  CloseBraceExpected: "a closing } is missing",
  CloseBracketExpected: "a closing ] is missing",
  EndOfFileExpected: "the file should end here",
  InvalidCommentToken: "not a comment",
  UnexpectedEndOfComment: "a comment is not closed",
  UnexpectedEndOfString: "a text is not closed",
  UnexpectedEndOfNumber: "a number is not finished",
  InvalidUnicode: "not a valid \\u escape",
  InvalidEscapeCharacter: "not a valid escape",
  InvalidCharacter: "a character that may not stand in a text as it is",
};

/** Line and column of an offset, both from 1. */
function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
