/**
 * Test support: what a later version may write where this one writes a schema: each value has one word or one key that
 * nobody here knows. The schemas are walked, so that a field that is added tomorrow is covered tomorrow.
 *
 * @module
 */
import * as z from "zod";

export const LATER_WORD = "later_word";
export const LATER_KEY = "later_key";

export interface LaterValue {
  /** Where it differs, for messages. */
  readonly what: string;
  readonly value: unknown;
}

/** A value that this version could have written, with every optional member. */
export function sampleOf(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodObject) return sampleOfObject(schema);
  if (schema instanceof z.ZodEnum) return schema.options[0];
  if (schema instanceof z.ZodLiteral) return [...schema.values][0];
  if (schema instanceof z.ZodDiscriminatedUnion || schema instanceof z.ZodUnion) {
    return sampleOf(asSchema(schema.options[0]));
  }
  if (schema instanceof z.ZodArray) return [sampleOf(asSchema(schema.element))];
  if (schema instanceof z.ZodRecord) {
    return { [String(sampleOf(asSchema(schema.keyType)))]: sampleOf(asSchema(schema.valueType)) };
  }
  const inner = innerOf(schema);
  return inner === null ? scalar(schema) : sampleOf(inner);
}

/** @param word the key by which a union tells its members apart: it is varied by the union itself. */
export function* laterValues(schema: z.ZodType, what = "", word?: string): Generator<LaterValue> {
  if (schema instanceof z.ZodEnum || isWord(schema)) {
    yield { what, value: LATER_WORD };
  } else if (schema instanceof z.ZodObject) {
    const sample = sampleOfObject(schema);
    yield { what: `${what}.${LATER_KEY}`, value: { ...sample, [LATER_KEY]: { of: [1] } } };
    for (const [key, field] of Object.entries(schema.shape)) {
      if (key === word) continue;
      for (const later of laterValues(asSchema(field), `${what}.${key}`)) {
        yield { ...later, value: { ...sample, [key]: later.value } };
      }
    }
  } else if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema.def;
    yield {
      what: `${what}.${discriminator}`,
      value: { [discriminator]: LATER_WORD, [LATER_KEY]: "said" },
    };
    for (const option of schema.options) {
      const at = `${what}<${Object.values(Object(sampleOf(asSchema(option))))[0]}>`;
      yield* laterValues(asSchema(option), at, discriminator);
    }
  } else if (schema instanceof z.ZodUnion) {
    for (const option of schema.options) yield* laterValues(asSchema(option), what);
  } else if (schema instanceof z.ZodArray) {
    const element = asSchema(schema.element);
    for (const later of laterValues(element, `${what}[]`)) {
      yield { ...later, value: [sampleOf(element), later.value] };
    }
  } else if (schema instanceof z.ZodRecord) {
    if (schema.keyType instanceof z.ZodEnum) {
      yield { what: `${what}{}`, value: { [LATER_WORD]: sampleOf(asSchema(schema.valueType)) } };
    }
  } else {
    const inner = innerOf(schema);
    if (inner !== null) yield* laterValues(inner, what);
  }
}

function sampleOfObject(schema: z.ZodObject): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema.shape).map(([key, field]) => [key, sampleOf(asSchema(field))]),
  );
}

function isWord(schema: z.ZodType): boolean {
  return schema instanceof z.ZodLiteral && [...schema.values].every((value) => typeof value === "string");
}

function innerOf(schema: z.ZodType): z.ZodType | null {
  return schema instanceof z.ZodNullable || schema instanceof z.ZodOptional ||
      schema instanceof z.ZodDefault ||
      schema instanceof z.ZodPrefault || schema instanceof z.ZodExactOptional
    ? asSchema(schema.def.innerType)
    : null;
}

/** The first of these that the schema takes. */
function scalar(schema: z.ZodType): unknown {
  const found = ["00000001", "text", 1, 1_767_225_600_000, true, null, {}].find((value) =>
    schema.safeParse(value).success
  );
  if (found === undefined) throw new Error("No sample fits: add one that does");
  return found;
}

function asSchema(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new Error("The member of a schema is none of zod's");
}
