/**
 * Room `config`: changes one value in the configuration file, and leaves every other byte, comments included, as it is.
 * A change that would make the file invalid is refused before anything is written.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { dirname } from "node:path";
import { AgentAsyncError, invalidArgument, messageOf } from "../../domain/errors.ts";
import { ifExists, PRIVATE_DIRECTORY_MODE, writeAtomically } from "../../system/files/files.ts";
import { parseConfigFile } from "../config_file.ts";
import { removeJson, setJson } from "./json_edit.ts";
import { type LeafKey, leafKeysNear, noSuchKey, valueOfText } from "../leaf_keys.ts";
import { readConfigText } from "../config_text.ts";
import { resolveConfig } from "../resolve_config.ts";
import { valueAt } from "../value_at.ts";

/** The result of a change to one key. */
export interface ConfigChange {
  /** The value in the file now; `undefined` when the key is not there. */
  readonly value: unknown;
  /** The environment variable of this key, which takes precedence over the file when it is set. */
  readonly variable: string;
}

/**
 * Sets one value in the file, which is created when it is missing.
 *
 * @param key with dots: `limits.total`
 * @param text as in the environment: `8`, `jobs,codex`, `null`, or JSON
 * @throws {AgentAsyncError} `invalid_argument` for an unknown key or an invalid value; `config_invalid` for a file that
 * is invalid or cannot be written. Nothing is changed then.
 */
export function setConfigValue(path: string, key: string, text: string): ConfigChange {
  const { path: keys, schema, variable } = leafOf(key);
  const value = valueOfText(schema, text);
  edit(path, keys, value);
  return { value, variable };
}

/**
 * Removes one value from the file. A file without it is left unchanged.
 *
 * @throws {AgentAsyncError} as {@link setConfigValue}
 */
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

/** @param value `undefined` removes the key */
function edit(path: string, keys: readonly string[], value: unknown): void {
  const before = readConfigText(path) ?? "";
  // Throws for a file with syntax errors: it is not repaired by guessing.
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
    // A symbolic link is kept and its target replaced: people keep such files in a repository of their own.
    writeAtomically(ifExists(() => Deno.realPathSync(path)) ?? path, text);
  } catch (error) {
    throw new AgentAsyncError("config_invalid", `${path}: cannot be written: ${messageOf(error)}`, {
      hint: "Nothing was changed.",
      cause: error,
    });
  }
}

/** The edited text; `null` when a value on the way to the key is not an object. */
function edited(text: string, keys: readonly string[], value: unknown): string | null {
  try {
    return value === undefined ? removeJson(text, keys) : setJson(text, keys, value);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/**
 * The error for a file that has no place for the key. Such a file is invalid, so resolving it already throws an error
 * that says where and why.
 */
function notEditable(path: string, text: string, keys: readonly string[]): Error {
  resolveConfig({ file: { path, value: parseConfigFile(text, path) }, env: {} });
  return new TypeError(`${path} has no place for ${keys.join(".")}, and was taken for a good one`);
}

/**
 * Throws when the edited file is invalid, or when the key is in it twice. If the file was invalid before the edit, the
 * error is the file's (`config_invalid`), otherwise the argument's.
 */
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
    // The file's path is removed from the message, so that each fault begins with its key.
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
