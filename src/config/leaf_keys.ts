/**
 * Room `config`: the single values of the configuration, each with the environment variable that sets it. They are
 * derived from the schema, so that none can be forgotten.
 *
 * @module
 */
import * as z from "zod";
import { type AgentAsyncError, invalidArgument } from "../domain/errors.ts";
import { BUILT_IN_AGENTS } from "./agent_settings.ts";
import { closestName } from "./closest_name.ts";
import { AbsolutePath, Config } from "./schema.ts";
import { parsedJson } from "../domain/reading/parsed_json.ts";

/** Separates a list of paths, as in PATH. A comma counts too when an absolute path follows it. */
const PATH_SEPARATOR = Deno.build.os === "windows" ? /;|,(?=\s*(?:[A-Za-z]:[\\/]|\\\\))/ : /:|,(?=\s*\/)/;

/** One value of the configuration. */
export interface LeafKey {
  readonly path: readonly string[];
  /** The environment variable that sets it. */
  readonly variable: string;
  readonly schema: z.core.$ZodType;
}

/**
 * Every value that can be set.
 *
 * @param agents names of user-defined agents, besides the built-in ones
 */
export function leafKeys(agents: readonly string[] = []): LeafKey[] {
  const names = new Set<string>([...BUILT_IN_AGENTS, ...agents]);
  return keysBelow(Config, [], names);
}

/** As {@link leafKeys}, including the values of the agent in `key`, if it names one (`agents.<name>`). */
export function leafKeysNear(key: string): LeafKey[] {
  const [group, agent] = key.split(".");
  return leafKeys(group === "agents" && agent !== undefined ? [agent] : []);
}

/**
 * The error for a key that does not exist, with the closest existing one. For the argument KEY of a command.
 */
export function noSuchKey(key: string): AgentAsyncError {
  const near = closestName(key, leafKeysNear(key).map(({ path }) => path.join(".")));
  const guess = near === null ? "" : ` (did you mean ${near}?)`;
  return invalidArgument(key, `no such key${guess}`, "agent-async config lists every key.");
}

function keysBelow(schema: z.core.$ZodType, path: readonly string[], agents: ReadonlySet<string>): LeafKey[] {
  const inner = unwrapped(schema);
  if (!(inner instanceof z.ZodObject)) return [{ path, variable: variableOf(path), schema }];
  const names = path.join(".") === "agents" ? [...agents] : Object.keys(inner.shape);
  return names.flatMap((name) => {
    const member = memberOf(inner, name);
    return member === null ? [] : keysBelow(member, [...path, name], agents);
  });
}

function variableOf(path: readonly string[]): string {
  return `AGENT_ASYNC_${path.join("_").replaceAll("-", "_").toUpperCase()}`;
}

/** The names of the keys that the object at `path` may have; `null` when there is no object. */
export function allowedKeys(path: readonly string[]): string[] | null {
  let schema: z.core.$ZodType = Config;
  for (const name of path) {
    const inner = objectIn(schema);
    const member = inner instanceof z.ZodRecord
      ? inner.valueType
      : inner instanceof z.ZodObject
      ? memberOf(inner, name)
      : null;
    if (member === null) return null;
    schema = member;
  }
  const inner = objectIn(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : null;
}

function memberOf(schema: z.ZodObject, name: string): z.core.$ZodType | null {
  if (Object.hasOwn(schema.shape, name)) return schema.shape[name] ?? null;
  const rest = schema.def.catchall;
  return rest === undefined || rest instanceof z.ZodNever ? null : rest;
}

/**
 * The value of `text` from the environment or a flag. A list is JSON or separated by commas; a list of paths is
 * separated as PATH is. A map is JSON. `null` or an empty text unsets a value that may be null. Text that cannot be
 * converted is returned as it is, for the schema to refuse.
 */
export function valueOfText(schema: z.core.$ZodType, text: string): unknown {
  if ((text === "null" || text === "") && z.safeParse(schema, null).success) return null;
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodNumber) return /^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : text;
  if (inner instanceof z.ZodBoolean) return readSwitch(text);
  if (/^\s*[[{]/.test(text) && !(inner instanceof z.ZodString)) return jsonOrText(text);
  if (inner instanceof z.ZodArray) {
    const separator = inner.element === AbsolutePath ? PATH_SEPARATOR : ",";
    return text.split(separator).map((item) => item.trim()).filter((item) => item !== "");
  }
  return text;
}

function readSwitch(text: string): boolean | string {
  const word = text.trim().toLowerCase();
  if (word === "true" || word === "1") return true;
  return word === "false" || word === "0" ? false : text;
}

function jsonOrText(text: string): unknown {
  const value = parsedJson(text);
  return value === undefined ? text : value;
}

/** As {@link unwrapped}; of a value that may be an object among others, the object. */
function objectIn(schema: z.core.$ZodType): z.core.$ZodType {
  const inner = unwrapped(schema);
  if (!(inner instanceof z.ZodUnion)) return inner;
  return inner.options.map(unwrapped).find((option) => option instanceof z.ZodObject) ?? inner;
}

/** The schema inside wrappers for defaults, `null` and optional values. */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (
    inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodNullable ||
    inner instanceof z.ZodOptional || inner instanceof z.ZodExactOptional
  ) inner = inner.unwrap();
  return inner;
}
