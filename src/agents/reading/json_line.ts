/**
 * Room `agents`: the objects in a line of an agent that prints JSON. Real programs print other things into the same
 * line: a byte order mark, a title or a colour for the terminal, a progress text that a carriage return should replace,
 * the next object without a newline before it.
 *
 * @module
 */
import { plainText } from "../../domain/event/transcript.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** A piece of a line: the text of an object, or what stands before, between and after objects. */
export interface LinePiece {
  readonly text: string;
  readonly isObject: boolean;
}

/**
 * Places of a line at which an object is looked for. Each costs a pass over the line, and what comes before a line's
 * object has a brace or two at most.
 */
const MAX_PLACES = 16;

/** Whether a line looks like one object, which nearly every line is, by its first and last character. */
export function looksPlain(line: string): boolean {
  return line.charCodeAt(0) === OPEN && line.charCodeAt(line.length - 1) === CLOSE;
}

/**
 * The objects of a line, and the words around them; `null` when `isWanted` takes none, and the line is no JSON as a
 * whole. Control sequences around an object are left out.
 */
export function linePieces(line: string, isWanted: (value: JsonObject) => boolean): LinePiece[] | null {
  const pieces: LinePiece[] = [];
  let told = 0;
  let places = 0;
  for (let start = line.indexOf("{"); start >= 0 && places < MAX_PLACES;) {
    const end = objectEnd(line, start);
    const value = end === null ? null : parseObject(line.slice(start, end));
    if (end === null || value === null || !isWanted(value)) {
      places++;
      // What lies inside of another object is a part of it and no line of the agent's.
      start = line.indexOf("{", end === null || value === null ? start + 1 : end);
      continue;
    }
    addWords(pieces, line.slice(told, start));
    pieces.push({ text: line.slice(start, end), isObject: true });
    told = end;
    start = line.indexOf("{", end);
  }
  if (told === 0) return null;
  addWords(pieces, line.slice(told));
  return pieces;
}

/** Whether a line has nothing that a person could see: control sequences alone. */
export function isInvisible(line: string): boolean {
  return plainText(line).trim() === "";
}

/** The object that `text` is; `null` when it is none, or is nested deeper than the parser goes. */
export function parseObject(text: string): JsonObject | null {
  const value = parsedJson(text);
  return isObject(value) ? value : null;
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function addWords(pieces: LinePiece[], text: string): void {
  const words = plainText(text).trim();
  if (words !== "") pieces.push({ text: words, isObject: false });
}

/** Behind the brace that closes the one at `start`; `null` when none does. */
function objectEnd(line: string, start: number): number | null {
  let depth = 0;
  let inText = false;
  for (let at = start; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (inText) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inText = false;
    } else if (code === QUOTE) inText = true;
    else if (code === OPEN) depth++;
    else if (code === CLOSE && --depth === 0) return at + 1;
  }
  return null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
