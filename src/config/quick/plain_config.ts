/**
 * Room `config`: the configuration file where it is plain JSON, unchecked: for a front-end that looks at single keys
 * without loading the schema of all settings, which takes 50 ms and 3 MB.
 *
 * @module
 */
import { parsedJson } from "../../domain/reading/parsed_json.ts";
import { readConfigText } from "../config_text.ts";

/**
 * The object in the file, an empty one without a file; `null` when it is not plain JSON, as with comments, or not an
 * object: then only the schema's reader can tell.
 *
 * @param path absolute
 * @throws AgentAsyncError `config_invalid` for a file that cannot be read
 */
export function plainConfig(path: string): Readonly<Record<string, unknown>> | null {
  const text = readConfigText(path);
  if (text === null) return {};
  const value = parsedJson(text);
  return isRecord(value) ? value : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
