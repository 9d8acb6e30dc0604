/**
 * Room `store`: encoding of values. Every value is kept as JSON in bytes, or as a KvU64. Deno.Kv would store an object
 * in V8's serialisation, which an older V8 cannot read: Deno 2.6 refuses what Deno 2.9 wrote. A step back to an earlier
 * executable would then find a sound store unreadable.
 *
 * @module
 */
import * as z from "zod";
import { opened } from "../../domain/reading/opened.ts";

/** Deno.Kv's limit for one value. */
export const MAX_VALUE_BYTES = 65_536;

/** The value of entries that consist of their key alone. */
export const NOTHING = new Uint8Array();

/** A stored value that this room cannot have written: the file is damaged, or another program wrote to it. */
export class UnreadableValue extends Error {
  override readonly name = "UnreadableValue";
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function toBytes(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/**
 * Decodes a stored value.
 *
 * @throws {UnreadableValue} when it is not JSON in bytes
 */
export function fromBytes(bytes: unknown): unknown {
  if (!(bytes instanceof Uint8Array)) throw new UnreadableValue("The value is not made of bytes");
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new UnreadableValue("The value is not JSON", { cause: error });
  }
}

/**
 * Decodes and validates a stored value. Object keys and enum words of later versions are accepted.
 *
 * @throws {UnreadableValue} when it is not JSON, or not of this shape
 */
export function parsed<Schema extends z.ZodType>(schema: Schema, bytes: unknown): z.infer<Schema> {
  const result = opened(schema).safeParse(fromBytes(bytes));
  if (result.success) return result.data;
  throw new UnreadableValue(z.prettifyError(result.error));
}

export function count(value: number): Deno.KvU64 {
  return new Deno.KvU64(BigInt(value));
}

/** The number in a counter entry; 0 when there is no entry. */
export function countOf(entry: Deno.KvEntryMaybe<Deno.KvU64> | undefined): number {
  return Number(entry?.value?.value ?? 0n);
}
