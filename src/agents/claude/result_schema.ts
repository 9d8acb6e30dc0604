/**
 * Room `agents`: which schemas Claude Code takes for an answer. It refuses to start over a schema with a word that its
 * validator does not know (2.1.332: `Error: --json-schema is not a valid JSON Schema`), and makes a tool of the schema,
 * whose arguments are an object. Any other form is asked for in the prompt.
 *
 * @module
 */

type Schema = Readonly<Record<string, unknown>>;

const KEYWORDS: ReadonlySet<string> = new Set([
  "type",
  "title",
  "description",
  "default",
  "enum",
  "const",
  "properties",
  "required",
  "additionalProperties",
  "minProperties",
  "maxProperties",
  "items",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "anyOf",
  "$defs",
  "$ref",
]);

const TYPES: ReadonlySet<unknown> = new Set([
  "array",
  "boolean",
  "integer",
  "null",
  "number",
  "object",
  "string",
]);

/** Levels of objects and arrays in each other. */
const MAX_DEPTH = 20;

/** The name of the draft changes nothing about these words, and the validator knows only one draft. */
export function withoutDraft({ $schema: _draft, ...schema }: Schema): Schema {
  return schema;
}

export function isTakenSchema(schema: Schema): boolean {
  const plain = withoutDraft(schema);
  return plain["type"] === "object" && plain["anyOf"] === undefined && plain["$ref"] === undefined &&
    isKnown(plain, MAX_DEPTH);
}

function isKnown(schema: unknown, depth: number): boolean {
  if (typeof schema === "boolean") return true;
  if (!isObject(schema) || depth < 0) return false;
  if (!Object.keys(schema).every((name) => KEYWORDS.has(name))) return false;
  const { type, properties, additionalProperties, items, anyOf, $defs, $ref } = schema;
  const types = type === undefined ? [] : Array.isArray(type) ? type : [type];
  if (!types.every((name) => TYPES.has(name))) return false;
  if ($ref !== undefined && !(typeof $ref === "string" && $ref.startsWith("#/$defs/"))) return false;
  const inner: unknown[] = [
    ...[properties, $defs].flatMap((group) => isObject(group) ? Object.values(group) : []),
    ...[additionalProperties, items].filter((part) => part !== undefined),
    ...(Array.isArray(anyOf) ? anyOf : []),
  ];
  return inner.every((part) => isKnown(part, depth - 1));
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
