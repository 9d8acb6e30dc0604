/**
 * Room `config`: changes one value of the file and leaves every other byte, comments included, as it is. A change
 * that would make the file unusable is refused before anything is written.
 *
 * @module
 */
import { applyEdits, modify } from "jsonc-parser";
import { dirname } from "node:path";
import { AgentAsyncError } from "../domain/errors.ts";
import { ensurePrivateDirectory, writeAtomically } from "../system/files.ts";
import { closestName } from "./closest_name.ts";
import { parseConfigFile } from "./config_file.ts";
import { type LeafKey, leafKeys, valueOfText } from "./leaf_keys.ts";
import { readConfigText } from "./config_text.ts";
import { resolveConfig } from "./resolve_config.ts";

const FORMAT = { formattingOptions: { insertSpaces: true, tabSize: 2 } };

/**
 * @param key with dots: `limits.total`.
 * @param text as in the environment: `8`, `jobs,codex`, `null`, or JSON.
 * @throws {AgentAsyncError} `invalid_argument` for an unknown key or a value that cannot be used, `config_invalid` for a
 * file that cannot; nothing is written.
 */
export function setConfigValue(path: string, key: string, text: string): void {
  const leaf = leafOf(key);
  edit(path, leaf.path, { argument: "VALUE", value: valueOfText(leaf.schema, text) });
}

/** Takes the value out of the file. A file that does not have it is left alone. */
export function unsetConfigValue(path: string, key: string): void {
  const leaf = leafOf(key);
  if (readConfigText(path) !== null) edit(path, leaf.path, { argument: "KEY", value: undefined });
}

function leafOf(key: string): LeafKey {
  const [group, name] = key.split(".");
  const leaves = leafKeys(group === "agents" && name !== undefined ? [name] : []);
  const leaf = leaves.find(({ path }) => path.join(".") === key);
  if (leaf !== undefined) return leaf;
  const near = closestName(key, leaves.map(({ path }) => path.join(".")));
  throw new AgentAsyncError(
    "invalid_argument",
    `KEY: ${key}: no such key${near === null ? "" : ` (did you mean ${near}?)`}`,
    {
      hint: "agent-async config lists every key.",
    },
  );
}

interface Change {
  /** The argument at fault when the file could not be used any more. */
  readonly argument: "KEY" | "VALUE";
  /** `undefined` takes it out. */
  readonly value: unknown;
}

function edit(path: string, keys: readonly string[], { argument, value }: Change): void {
  const before = readConfigText(path) ?? "{}\n";
  // A file that cannot be read is not repaired by guessing.
  parseConfigFile(before, path);
  const after = applyEdits(before, modify(before, [...keys], value, FORMAT));
  if (after === before) return;
  checkUsable(path, before, after, argument);
  ensurePrivateDirectory(dirname(path));
  writeAtomically(path, after);
}

/** What was wrong before is a fault of the file, even when this change does not mend it; all else is the argument's. */
function checkUsable(path: string, before: string, after: string, argument: string): void {
  try {
    resolveConfig({ file: { path, value: parseConfigFile(after, path) }, env: {} });
  } catch (error) {
    resolveConfig({ file: { path, value: parseConfigFile(before, path) }, env: {} });
    const message = error instanceof Error ? error.message : String(error);
    throw new AgentAsyncError("invalid_argument", `${argument}: ${message.replaceAll(`${path}: `, "")}`, {
      hint: "Nothing was changed.",
    });
  }
}
