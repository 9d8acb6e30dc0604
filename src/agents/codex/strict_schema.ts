/**
 * Room `agents`: which schemas the model's server takes. Codex sends a schema as a strict one, and a server refuses the
 * whole request when the schema is not: then the prompt has to ask for the form.
 *
 * @module
 */

type Schema = Readonly<Record<string, unknown>>;

/** What OpenAI's structured outputs know, by their documentation of 2026. */
const KEYWORDS: ReadonlySet<string> = new Set([
  "$defs",
  "$ref",
  "$schema",
  "additionalProperties",
  "anyOf",
  "const",
  "definitions",
  "description",
  "enum",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "format",
  "items",
  "maxItems",
  "maximum",
  "minItems",
  "minimum",
  "multipleOf",
  "pattern",
  "properties",
  "required",
  "title",
  "type",
]);

/** Levels of objects and arrays in each other. */
const MAX_DEPTH = 10;

/** Whether the schema is one of an object with known members, all of which are required, at every level. */
export function isStrictSchema(schema: Schema): boolean {
  return schema["type"] === "object" && schema["anyOf"] === undefined && isStrict(schema, MAX_DEPTH);
}

function isStrict(schema: unknown, depth: number): boolean {
  if (!isObject(schema) || depth < 0) return false;
  if (!Object.keys(schema).every((name) => KEYWORDS.has(name))) return false;
  const { properties, items, anyOf, $defs, definitions } = schema;
  const inner = [
    ...[properties, $defs, definitions].flatMap((group) => isObject(group) ? Object.values(group) : []),
    ...(items === undefined ? [] : [items]),
    ...(Array.isArray(anyOf) ? anyOf : []),
  ];
  return (!typesOf(schema).includes("object") || isClosed(schema)) &&
    inner.every((each) => isStrict(each, depth - 1));
}

function isClosed({ properties, required, additionalProperties }: Schema): boolean {
  if (!isObject(properties) || !Array.isArray(required) || additionalProperties !== false) return false;
  return Object.keys(properties).every((name) => required.includes(name));
}

function typesOf({ type }: Schema): readonly unknown[] {
  return Array.isArray(type) ? type : [type];
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
