/**
 * Room `mcp`: one argument's value, as its JSON Schema wants it. Hosts and models write numbers, booleans and lists as
 * text, and one value where a list is wanted. Total: what it cannot make out it returns as it came, for the check that
 * follows to refuse.
 *
 * @module
 */
import { isRecord } from "../../desk/json_rpc.ts";
import { parsedJson } from "../../../domain/reading/parsed_json.ts";

export interface GenerousReading {
  readonly value: unknown;
  /** What to tell the caller when a number beyond its range was taken as the nearest allowed one. */
  readonly adjusted?: string;
}

/**
 * Numbers that are never moved into their range: money and tokens, which somebody has to pay for, and numbers that name
 * a thing instead of counting.
 */
const NEVER_MOVED = /_usd$|_tokens$|_number$/;

/** Several ids in one string, as some models write a list. */
const IDS_IN_ONE_STRING = /^\s*[0-9a-z]{8}(?:\s*,\s*[0-9a-z]{8})+\s*$/i;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

export function readGenerously(
  name: string,
  value: unknown,
  schema: Readonly<Record<string, unknown>>,
): GenerousReading {
  switch (schema.type) {
    case "number":
    case "integer":
      return numberOf(name, value, schema);
    case "boolean":
      return { value: booleanOf(value) };
    case "array":
      return { value: arrayOf(value, isRecord(schema.items) ? schema.items : {}) };
    case "object":
      return { value: parsedAs(value, "{") };
    default:
      return { value: Array.isArray(schema.enum) ? wordOf(value, schema.enum) : value };
  }
}

function numberOf(name: string, value: unknown, schema: Readonly<Record<string, unknown>>): GenerousReading {
  const number = typeof value === "string" && DECIMAL.test(value.trim()) ? Number(value.trim()) : value;
  if (typeof number !== "number" || NEVER_MOVED.test(name)) return { value: number };
  const { minimum, maximum, exclusiveMinimum } = schema;
  if (typeof maximum === "number" && number > maximum) {
    return { value: maximum, adjusted: told(name, number, "more than the most", maximum) };
  }
  if (typeof minimum === "number" && number < minimum) {
    return { value: minimum, adjusted: told(name, number, "less than the least", minimum) };
  }
  if (typeof exclusiveMinimum === "number" && number <= exclusiveMinimum) {
    // Nothing is nearest to a bound that is itself excluded; the next whole number is what people would write.
    const least = Math.floor(exclusiveMinimum) + 1;
    return { value: least, adjusted: told(name, number, "too little", least) };
  }
  return { value: number };
}

function told(name: string, given: number, what: string, taken: number): string {
  return `${name}: ${given} is ${what}, so ${taken} was taken`;
}

function booleanOf(value: unknown): unknown {
  if (value === 1 || value === 0) return value === 1;
  switch (typeof value === "string" ? value.trim().toLowerCase() : undefined) {
    case "true":
    case "1":
      return true;
    case "false":
    case "0":
      return false;
    default:
      return value;
  }
}

function arrayOf(value: unknown, items: Readonly<Record<string, unknown>>): unknown {
  const list = listOf(value, items);
  if (!Array.isArray(list)) return list;
  return list
    // An entry that is empty is one that was left out.
    .filter((entry) => entry !== null && (typeof entry !== "string" || entry.trim() !== ""))
    .map((entry) => readGenerously("", entry, items).value);
}

function listOf(value: unknown, { enum: words }: Readonly<Record<string, unknown>>): unknown {
  if (typeof value !== "string") return isRecord(value) || Array.isArray(value) ? value : [value];
  const parsed = parsedAs(value, "[");
  if (Array.isArray(parsed)) return parsed;
  // Words of a fixed list hold no comma.
  if (Array.isArray(words)) return value.split(",");
  return IDS_IN_ONE_STRING.test(value) ? value.split(",") : [value];
}

/** The JSON in a string that begins as such; what is none stays as it is. */
function parsedAs(value: unknown, opening: "[" | "{"): unknown {
  if (typeof value !== "string" || !value.trimStart().startsWith(opening)) return value;
  const parsed = parsedJson(value);
  return parsed === undefined ? value : parsed;
}

/** A word of a fixed list, whatever its case and the blanks around it. */
function wordOf(value: unknown, words: readonly unknown[]): unknown {
  if (typeof value !== "string") return value;
  const word = value.trim().toLowerCase();
  return words.includes(word) ? word : value;
}
