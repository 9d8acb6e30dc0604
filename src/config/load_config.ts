/**
 * Room `config`: reads the configuration once, for a short-lived process. (The daemon uses a `ConfigSource`.)
 *
 * @module
 */
import { parsedJson } from "../domain/reading/parsed_json.ts";
import { readConfigText } from "./config_text.ts";
import { type ConfigLayers, resolveConfig, type ResolvedConfig } from "./resolve_config.ts";

export interface LoadOptions {
  /** Absolute path of the file; it need not exist. */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  readonly flags?: NonNullable<ConfigLayers["flags"]>;
}

/**
 * Reads the file and resolves it with the environment and the flags.
 *
 * @throws AgentAsyncError `config_invalid` for a file or a value that cannot be used
 */
export async function loadConfig(options: LoadOptions): Promise<ResolvedConfig> {
  const text = readConfigText(options.path);
  const file = text === null ? null : { path: options.path, value: await parsed(text, options.path) };
  return resolveConfig({
    file,
    env: options.env,
    ...(options.flags === undefined ? {} : { flags: options.flags }),
  });
}

/**
 * Parses the file. Plain JSON does not need the parser for comments, which takes time to load at the start of a
 * front-end.
 */
async function parsed(text: string, path: string): Promise<unknown> {
  const value = parsedJson(text);
  if (value !== undefined) return value;
  const { parseConfigFile } = await import("./config_file.ts");
  return parseConfigFile(text, path);
}
