/**
 * Room `config`: changes one value of the file and leaves every other byte, comments included, as it is. A change
 * that would make the file unusable is refused before anything is written.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { dirname } from "node:path";
import { AgentAsyncError, invalidArgument, messageOf } from "../domain/errors.ts";
import { ifExists, PRIVATE_DIRECTORY_MODE, writeAtomically } from "../system/files/files.ts";
import { parseConfigFile } from "./config_file.ts";
import { removeJson, setJson } from "./json_edit.ts";
import { type LeafKey, leafKeysNear, noSuchKey, valueOfText } from "./leaf_keys.ts";
import { readConfigText } from "./config_text.ts";
import { resolveConfig } from "./resolve_config.ts";
import { valueAt } from "./value_at.ts";

/** What has become of a key. */
export interface ConfigChange {
  /** As it stands in the file now; `undefined` when it is not there. */
  readonly value: unknown;
  /** The environment variable that would win over the file. */
  readonly variable: string;
}

/**
 * @param key with dots: `limits.total`.
 * @param text as in the environment: `8`, `jobs,codex`, `null`, or JSON.
 * @throws {AgentAsyncError} `invalid_argument` for an unknown key or a value that cannot be used, `config_invalid` for a
 * file that cannot be used or written; nothing is changed.
 */
export function setConfigValue(path: string, key: string, text: string): ConfigChange {
  const { path: keys, schema, variable } = leafOf(key);
  const value = valueOfText(schema, text);
  edit(path, keys, value);
  return { value, variable };
}

/** Takes the value out of the file. A file that does not have it is left alone. */
export function unsetConfigValue(path: string, key: string): ConfigChange {
  const { path: keys, variable } = leafOf(key);
  edit(path, keys, undefined);
  return { value: undefined, variable };
}

function leafOf(key: string): LeafKey {
  const leaves = leafKeysNear(key);
  const leaf = leaves.find(({ path }) => path.join(".") === key);
  if (leaf !== undefined) return leaf;
  const inside = leaves.map(({ path }) => path.join(".")).filter((other) => other.startsWith(`${key}.`));
  if (inside.length > 0) {
    const hint = `They are ${inside.join(", ")}.`;
    throw invalidArgument(key, "is several values, which are set one by one", hint);
  }
  throw noSuchKey(key);
}

/** @param value `undefined` takes it out. */
function edit(path: string, keys: readonly string[], value: unknown): void {
  const before = readConfigText(path) ?? "";
  // A file that cannot be read is not repaired by guessing.
  parseConfigFile(before, path);
  const after = edited(before, keys, value);
  if (after === before) return;
  if (after === null) throw notEditable(path, before, keys);
  checkUsable({ path, before, after }, keys, value);
  write(path, after);
}

function write(path: string, text: string): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true, mode: PRIVATE_DIRECTORY_MODE });
    // A link must stay one: people keep such files in a repository of their own.
    writeAtomically(ifExists(() => Deno.realPathSync(path)) ?? path, text);
  } catch (error) {
    throw new AgentAsyncError("config_invalid", `${path}: cannot be written: ${messageOf(error)}`, {
      hint: "Nothing was changed.",
      cause: error,
    });
  }
}

/** `null` where something else is on the way than an object. */
function edited(text: string, keys: readonly string[], value: unknown): string | null {
  try {
    return value === undefined ? removeJson(text, keys) : setJson(text, keys, value);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** Never usable either: the schema says where and why. */
function notEditable(path: string, text: string, keys: readonly string[]): Error {
  resolveConfig({ file: { path, value: parseConfigFile(text, path) }, env: {} });
  return new TypeError(`${path} has no place for ${keys.join(".")}, and was taken for a good one`);
}

/** What was wrong before is a fault of the file, even when this change does not mend it; all else is the argument's. */
function checkUsable(
  { path, before, after }: { readonly path: string; readonly before: string; readonly after: string },
  keys: readonly string[],
  value: unknown,
): void {
  const resolved = (text: string) =>
    resolveConfig({ file: { path, value: parseConfigFile(text, path) }, env: {} });
  try {
    resolved(after);
  } catch (error) {
    resolved(before);
    // Each fault begins with its key.
    const message = messageOf(error).replaceAll(`${path}: `, "");
    throw new AgentAsyncError("invalid_argument", message, { hint: "Nothing was changed." });
  }
  if (isDeepStrictEqual(valueAt(parseConfigFile(after, path), keys), value)) return;
  throw new AgentAsyncError(
    "config_invalid",
    `${path}: ${keys.join(".")} or what it is in stands there twice`,
    {
      hint: "Remove one of the two. Nothing was changed.",
    },
  );
}
