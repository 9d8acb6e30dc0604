/**
 * Room `config`: reads the one setting that a front-end needs before it greets its host, without the schema of all
 * settings, which takes 50 ms to load. Rule of this file: in doubt the answer is `null`, and the caller loads the
 * schema.
 *
 * @module
 */
import { givenVariable } from "../../system/given_variable.ts";
import { plainConfig } from "./plain_config.ts";

/** The toolsets that exist; `all` is every one of them. */
export const TOOLSETS = ["jobs", "codex", "agents", "starts", "stream", "all"] as const;

/** The toolsets of a front-end for which none are configured. */
export const DEFAULT_TOOLSETS: readonly [typeof TOOLSETS[number]] = ["jobs"];

/** The environment variable of the key `toolsets`, as derived from the schema elsewhere. */
const VARIABLE = "AGENT_ASYNC_TOOLSETS";

export interface QuickOptions {
  /** Absolute path of the configuration file; it need not exist. */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  /** The value of the command-line flag: names separated by commas. */
  readonly flag?: string;
}

/**
 * The toolsets from flag, environment, file or default, in this order of precedence. `null` when the schema must
 * decide: for a file that is not plain JSON, or an invalid value.
 *
 * @throws AgentAsyncError `config_invalid` for a file that cannot be read
 */
export function quickToolsets({ path, env, flag }: QuickOptions): readonly string[] | null {
  const file = plainConfig(path);
  if (file === null) return null;
  const given = flag ?? givenVariable(env, VARIABLE);
  if (given !== undefined) return known(given.split(",").map((name) => name.trim()));
  return file.toolsets === undefined ? DEFAULT_TOOLSETS : known(file.toolsets);
}

function known(names: unknown): readonly string[] | null {
  if (!Array.isArray(names) || names.length === 0) return null;
  const all: readonly unknown[] = TOOLSETS;
  return names.every((name) => all.includes(name)) ? names : null;
}
