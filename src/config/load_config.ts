/**
 * Room `config`: reads the configuration once, for a process that is soon over. (A daemon keeps a `ConfigSource`.)
 *
 * @module
 */
import { readConfigText } from "./config_text.ts";
import { type ConfigLayers, resolveConfig, type ResolvedConfig } from "./resolve_config.ts";

export interface LoadOptions {
  /** Absolute path of the file; it need not exist. */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  readonly flags?: NonNullable<ConfigLayers["flags"]>;
}

/** @throws AgentAsyncError `config_invalid` for a file or a value that cannot be used. */
export async function loadConfig(options: LoadOptions): Promise<ResolvedConfig> {
  const text = readConfigText(options.path);
  const file = text === null ? null : { path: options.path, value: await parsed(text, options.path) };
  return resolveConfig({
    file,
    env: options.env,
    ...(options.flags === undefined ? {} : { flags: options.flags }),
  });
}

/** What is plain JSON needs no parser that has to be loaded first: a front-end is in a hurry. */
async function parsed(text: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    const { parseConfigFile } = await import("./config_file.ts");
    return parseConfigFile(text, path);
  }
}
