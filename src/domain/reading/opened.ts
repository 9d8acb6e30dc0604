/**
 * Room `domain`: reading is open, writing is closed. A schema says what this version writes; {@link opened} makes of it
 * what every version may read: words that a later one has added to a list, kinds that it has added to a union, and keys
 * that it has added to an object all pass as they are. It is the only mechanism for that: whatever comes from the
 * store, a file or the wire is parsed with an opened schema.
 *
 * @module
 */
import * as z from "zod";

/**
 * `schema` for reading:
 *
 * - a list of words takes every string;
 * - an object keeps keys that it does not know;
 * - a union by a word (`type`, `status`) takes an object with a word that it does not know, whatever else is in it;
 * - a record by words takes every key.
 *
 * All else is checked as before. The static type stays that of the closed schema, so that a `switch` over its words
 * still breaks the build when one is added; its `default` is `unknownWord`.
 */
export function opened<Schema extends z.ZodType>(schema: Schema): Schema {
  const known = openedSchemas.get(schema);
  const open = known ?? withMeta(schema, openSchema(schema));
  openedSchemas.set(schema, open);
  // The cast hides that unknown words and members may pass, as described above.
  return open as Schema;
}

/** Opened schemas by their closed ones, so that each is built only once. */
const openedSchemas = new WeakMap<z.ZodType, z.ZodType>();

/** Whether this version knows `word`, for decisions that must not be based on an unknown one. */
export function isKnownWord<Word extends string>(
  schema: { options: readonly Word[] },
  word: string,
): boolean {
  return schema.options.some((known) => known === word);
}

function openSchema(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodEnum) return z.string().meta({ examples: [...schema.options] });
  if (schema instanceof z.ZodLiteral) {
    return [...schema.values].every((value) => typeof value === "string") ? z.string() : schema;
  }
  if (schema instanceof z.ZodObject) return openObject(schema);
  if (schema instanceof z.ZodDiscriminatedUnion) return openUnion(schema);
  if (schema instanceof z.ZodUnion) return schema.clone({ ...schema.def, options: all(schema.options) });
  if (schema instanceof z.ZodArray) {
    return schema.clone({ ...schema.def, element: opened(asSchema(schema.element)) });
  }
  if (schema instanceof z.ZodRecord) {
    const valueType = opened(asSchema(schema.valueType));
    return schema.keyType instanceof z.ZodEnum
      ? z.record(z.string(), valueType)
      : schema.clone({ ...schema.def, valueType });
  }
  if (
    schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault || schema instanceof z.ZodExactOptional
  ) {
    const { def } = schema;
    // The classes have different definitions, but all of them have `innerType`.
    return (schema as z.ZodNullable).clone({
      ...def as z.ZodNullable["def"],
      innerType: opened(asSchema(def.innerType)),
    });
  }
  return schema;
}

/** @param word the discriminator of the object's union; its value stays closed */
function openObject(schema: z.ZodObject, word?: string): z.ZodObject {
  const shape = Object.fromEntries(
    Object.entries(schema.shape).map(([key, value]) => [key, key === word ? value : opened(asSchema(value))]),
  );
  return schema.clone({ ...schema.def, shape, catchall: z.unknown() });
}

function openUnion(schema: z.ZodDiscriminatedUnion): z.ZodType {
  const { discriminator } = schema.def;
  const variants = schema.options.map((option) => {
    if (!(option instanceof z.ZodObject)) throw new Error(`A union by ${discriminator} has other members`);
    return openObject(option, discriminator);
  });
  const known = new Set(variants.flatMap((variant) => {
    const word = variant.shape[discriminator];
    return word instanceof z.ZodLiteral ? [...word.values] : [];
  }));
  const other = z.looseObject({ [discriminator]: z.string().refine((word) => !known.has(word)) });
  const [first, ...rest] = variants;
  if (first === undefined) return other;
  return z.union([z.discriminatedUnion(discriminator, [first, ...rest]), other]);
}

function all(schemas: readonly unknown[]): z.ZodType[] {
  return schemas.map((schema) => opened(asSchema(schema)));
}

function withMeta(schema: z.ZodType, open: z.ZodType): z.ZodType {
  const meta = z.globalRegistry.get(schema);
  return meta === undefined || open === schema ? open : open.meta({ ...z.globalRegistry.get(open), ...meta });
}

/** Narrows a member from zod's core type, which zod's own typing gives. Throws for what is no zod schema. */
function asSchema(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new Error("Cannot open a schema that is no schema of zod");
}
