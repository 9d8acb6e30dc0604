/**
 * Room `scheduler`: the form of an answer that the caller has asked for, a JSON Schema. The answer is read as JSON and
 * validated by a library that makes no code of the schema, since the schema is a caller's.
 *
 * @module
 */
import type { Schema } from "@cfworker/json-schema";
import { parsedJson } from "../../../domain/reading/parsed_json.ts";
import { SCHEMA_RULES } from "./schema_rules.ts";

/** Most characters of a schema as JSON: it is part of the prompt of agents that have no option for it. */
export const MAX_SCHEMA_CHARS = 20_000;

/** Most faults that are told: the rest mostly follows from the first. */
const FAULTS_TOLD = 5;

export type ResultForm = { ok: true; value: unknown } | { ok: false; why: string };

/** Reads `answer` by `schema`. Never throws: a schema that cannot be applied is a fault, too. */
export async function resultForm(answer: string | null, schema: Schema): Promise<ResultForm> {
  const value = jsonIn(answer ?? "");
  if (value === undefined) return { ok: false, why: "it is not JSON" };
  const faults = await faultsOf(value, schema);
  return faults.length === 0 ? { ok: true, value } : { ok: false, why: faults.join("; ") };
}

/** Why `schema` cannot be applied; `null` when it can. */
export async function schemaFault(schema: Schema): Promise<string | null> {
  if (JSON.stringify(schema).length > MAX_SCHEMA_CHARS) {
    return `must have at most ${MAX_SCHEMA_CHARS} characters as JSON`;
  }
  const faults = await faultsOf(schema, SCHEMA_RULES);
  if (faults.length > 0) return `is no JSON Schema: ${faults.join("; ")}`;
  try {
    const missing = await danglingReference(schema);
    if (missing !== null) return `is no JSON Schema that can be applied: nothing is at ${missing}`;
    await validate({}, schema);
    return null;
  } catch (error) {
    return `is no JSON Schema that can be applied: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A `$ref` to what is not there, which an answer would meet only in some of its parts; `null` when there is none. */
async function danglingReference(schema: Schema): Promise<string | null> {
  const { dereference } = await import("@cfworker/json-schema");
  const places = dereference(schema);
  const dangling = Object.values(places).find((place) =>
    typeof place === "object" && place.__absolute_ref__ !== undefined &&
    places[place.__absolute_ref__] === undefined
  );
  return typeof dangling === "object" ? dangling.$ref ?? null : null;
}

async function faultsOf(value: unknown, schema: Schema): Promise<string[]> {
  try {
    const { valid, errors } = await validate(value, schema);
    if (valid) return [];
    const told = errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
    return told.length === 0 ? ["it is not valid"] : [...new Set(told)].slice(-FAULTS_TOLD);
  } catch (error) {
    return [`the schema cannot be applied: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Loaded when it is first needed: few jobs have a schema. */
async function validate(value: unknown, schema: Schema) {
  const { Validator } = await import("@cfworker/json-schema");
  // The library's type knows only JSON, which this is by the way that it was made.
  return new Validator(schema, "2020-12", false).validate(value);
}

/** The JSON that the answer is, or the only one in it between code fences; `undefined` when there is none. */
function jsonIn(answer: string): unknown {
  const whole = parsedJson(answer.trim());
  if (whole !== undefined) return whole;
  const blocks = [...answer.matchAll(/^```(?:json)?[ \t]*\r?\n([^]*?)^```[ \t]*$/gm)];
  return blocks.length === 1 ? parsedJson(blocks[0]?.[1] ?? "") : undefined;
}

/** What an agent without an option for it is told of the form of its answer. */
export function formNote(schema: Schema): string {
  return "Your last message must be JSON alone, without any other word or code fence, that is valid by this JSON " +
    `Schema:\n\n${JSON.stringify(schema)}`;
}

/** What an agent is asked whose answer has another form. */
export function formPrompt(schema: Schema, why: string): string {
  return `Your last message does not have the form that it must have: ${why}\n\n${formNote(schema)}\n\n` +
    "Change nothing else: give the same answer again in that form.";
}
