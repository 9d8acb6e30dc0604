/**
 * Room `scheduler`: what a JSON Schema may hold, as a JSON Schema. A caller's schema is held against it when a job is
 * started: a word that means nothing would be found only when the agent's work is done and paid for. Keywords that are
 * not named here are annotations, and free.
 *
 * @module
 */
import type { Schema } from "@cfworker/json-schema";

const TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"];
const SUB: Schema = { $ref: "#/$defs/schema" };
const LIST: Schema = { type: "array", items: SUB, minItems: 1 };
const MAP: Schema = { type: "object", additionalProperties: SUB };
const COUNT: Schema = { type: "integer", minimum: 0 };
const NAMES: Schema = { type: "array", items: { type: "string" } };

const KEYWORDS: Readonly<Record<string, Schema>> = {
  type: { anyOf: [{ enum: TYPES }, { type: "array", items: { enum: TYPES }, minItems: 1 }] },
  enum: { type: "array", minItems: 1 },
  required: NAMES,
  properties: MAP,
  patternProperties: { ...MAP, propertyNames: { format: "regex" } },
  additionalProperties: SUB,
  unevaluatedProperties: SUB,
  propertyNames: SUB,
  dependentSchemas: MAP,
  dependentRequired: { type: "object", additionalProperties: NAMES },
  minProperties: COUNT,
  maxProperties: COUNT,
  items: { anyOf: [SUB, LIST] },
  prefixItems: LIST,
  additionalItems: SUB,
  unevaluatedItems: SUB,
  contains: SUB,
  minContains: COUNT,
  maxContains: COUNT,
  minItems: COUNT,
  maxItems: COUNT,
  uniqueItems: { type: "boolean" },
  minLength: COUNT,
  maxLength: COUNT,
  pattern: { type: "string", format: "regex" },
  format: { type: "string" },
  minimum: { type: "number" },
  maximum: { type: "number" },
  // Draft 4 has them as switches.
  exclusiveMinimum: { type: ["number", "boolean"] },
  exclusiveMaximum: { type: ["number", "boolean"] },
  multipleOf: { type: "number", exclusiveMinimum: 0 },
  allOf: LIST,
  anyOf: LIST,
  oneOf: LIST,
  not: SUB,
  if: SUB,
  then: SUB,
  else: SUB,
  $defs: MAP,
  definitions: MAP,
  $ref: { type: "string" },
};

/** What every schema is valid by. */
export const SCHEMA_RULES: Schema = {
  ...SUB,
  $defs: { schema: { type: ["object", "boolean"], properties: KEYWORDS } },
};
