/**
 * Room `config`: the settings by which a front-end looks for agents and chooses its tools, without the schema of all
 * settings. Rule of this file: in doubt the answer is `null`, and the caller loads the schema.
 *
 * @module
 */
import { isAgentAsyncError } from "../../domain/errors.ts";
import { type Answerer, answererOf, DEFAULT_ANSWERERS } from "../answerer.ts";
import { plainConfig } from "./plain_config.ts";
import type { Config } from "../schema.ts";

/** What a front-end needs of the configuration to list its tools. */
export interface ListSettings {
  readonly agents: Config["agents"];
  /** Who may answer an agent's questions. */
  readonly answerer: Answerer;
}

const KEYS = ["agents", "questions", "max_approval_policy"] as const satisfies readonly (keyof Config)[];

/** How the variables of these keys begin, as derived from the schema elsewhere. */
const VARIABLES = KEYS.map((key) => `AGENT_ASYNC_${key.toUpperCase()}`);

/**
 * The defaults, where neither file nor environment says anything of these settings: an unusable file too has the
 * defaults for those who only look. `null` where something is said.
 *
 * @param options.path absolute path of the configuration file; it need not exist
 */
export function quickSettings(
  { path, env }: { readonly path: string; readonly env: Readonly<Record<string, string>> },
): ListSettings | null {
  if (Object.keys(env).some((name) => VARIABLES.some((variable) => name.startsWith(variable)))) return null;
  const file = readableConfig(path);
  if (file === null || KEYS.some((key) => Object.hasOwn(file, key))) return null;
  return { agents: {}, answerer: answererOf(DEFAULT_ANSWERERS) };
}

function readableConfig(path: string): ReturnType<typeof plainConfig> {
  try {
    return plainConfig(path);
  } catch (error) {
    if (isAgentAsyncError(error)) return null;
    throw error;
  }
}
