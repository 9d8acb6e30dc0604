/**
 * Room `config`: the one setting that a front-end needs before it greets its host, without the schema of all the
 * others, which takes 50 ms to load. Rule of this file: in doubt it does not know, and the schema decides.
 *
 * @module
 */
import { givenVariable } from "../system/given_variable.ts";
import { readConfigText } from "./config_text.ts";
import { parsedJson } from "../domain/reading/parsed_json.ts";

/** The toolsets that exist; `all` is every one of them. */
export const TOOLSETS = ["jobs", "codex", "agents", "starts", "stream", "all"] as const;

/** Those of a front-end that is told nothing. */
export const DEFAULT_TOOLSETS: readonly [typeof TOOLSETS[number]] = ["jobs"];

/** The variable that the schema's path `toolsets` has. */
const VARIABLE = "AGENT_ASYNC_TOOLSETS";

export interface QuickOptions {
  /** Absolute path of the configuration file; it need not exist. */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  /** As on the command line. */
  readonly flag?: string;
}

/**
 * The toolsets by flag, environment, file or default; `null` for anything that is not plainly right.
 *
 * @throws AgentAsyncError `config_invalid` for a file that cannot be read.
 */
export function quickToolsets({ path, env, flag }: QuickOptions): readonly string[] | null {
  const text = readConfigText(path);
  const file = text === null ? {} : plainObject(text);
  if (file === null) return null;
  const given = flag ?? givenVariable(env, VARIABLE);
  if (given !== undefined) return known(given.split(",").map((name) => name.trim()));
  return file.toolsets === undefined ? DEFAULT_TOOLSETS : known(file.toolsets);
}

/** `null` for comments, which are a matter for a parser, and for what is wrong. */
function plainObject(text: string): { toolsets?: unknown } | null {
  const value = parsedJson(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
}

function known(names: unknown): readonly string[] | null {
  if (!Array.isArray(names) || names.length === 0) return null;
  const all: readonly unknown[] = TOOLSETS;
  return names.every((name) => all.includes(name)) ? names : null;
}
