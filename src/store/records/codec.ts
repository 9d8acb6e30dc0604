/**
 * Room `store`: values as bytes. Everything is kept as JSON in bytes of our own, or as a KvU64: what Deno.Kv makes of
 * an object is V8's serialisation, which an older V8 cannot read (Deno 2.6 refuses what Deno 2.9 wrote), so that a
 * step back to an earlier executable would find a sound store unreadable.
 *
 * @module
 */
import * as z from "zod";
import { opened } from "../../domain/reading/opened.ts";

/** Limit of Deno.Kv for one value. */
export const MAX_VALUE_BYTES = 65_536;

/** For entries whose key says all. */
export const NOTHING = new Uint8Array();

/** A value that is not what this room writes: the file is damaged, or somebody else wrote to it. */
export class UnreadableValue extends Error {
  override readonly name = "UnreadableValue";
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function toBytes(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** @throws {UnreadableValue} when it is no JSON. */
export function fromBytes(bytes: unknown): unknown {
  if (!(bytes instanceof Uint8Array)) throw new UnreadableValue("The value is not made of bytes");
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new UnreadableValue("The value is not JSON", { cause: error });
  }
}

/** Read openly. @throws {UnreadableValue} when it is no JSON of that shape. */
export function parsed<Schema extends z.ZodType>(schema: Schema, bytes: unknown): z.infer<Schema> {
  const result = opened(schema).safeParse(fromBytes(bytes));
  if (result.success) return result.data;
  throw new UnreadableValue(z.prettifyError(result.error));
}

export function count(value: number): Deno.KvU64 {
  return new Deno.KvU64(BigInt(value));
}

/** A counter or a number; 0 when there is none. */
export function countOf(entry: Deno.KvEntryMaybe<Deno.KvU64> | undefined): number {
  return Number(entry?.value?.value ?? 0n);
}
