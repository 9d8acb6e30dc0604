/**
 * Room `scheduler`: the environment of an agent's process. It is the environment of the host that asked, without the
 * variables that identify the asking session: an agent that took that identity would lose transcripts or send messages
 * into the wrong session.
 *
 * @module
 */
import { BUILT_IN_DRIVERS } from "../../agents/builtin.ts";
import type { GitSetting } from "../../system/files/git_config.ts";
import { DEPTH_VARIABLE, JOB_VARIABLE } from "../../domain/job/job_variables.ts";

/** Variables that identify the asking session or reach it, of every agent. Credentials, homes and endpoints stay. */
const SESSION_VARIABLES: readonly RegExp[] = [
  // Several agents put their own name in it.
  /^AI_AGENT$/,
  ...BUILT_IN_DRIVERS.flatMap(({ sessionVariables }) => sessionVariables ?? []),
];

export interface EnvironmentLayers {
  /** Variables of the host that asked. */
  host: Readonly<Record<string, string>>;
  /** Variables from the configuration. */
  configured: Readonly<Record<string, string>>;
  /** Variables from the driver; `null` removes one. */
  driver: Readonly<Record<string, string | null>>;
  /** Git settings that override those of every file. When there are none, git's variables are left alone. */
  git: readonly GitSetting[];
  /** What becomes of PATH, whichever layer it comes from; it stays as it is unless this is given. */
  path?: (value: string) => string;
  jobId: string;
  depth: number;
}

/** Later layers override earlier ones. The variables that mark the job's processes override all. */
export function agentEnvironment(layers: EnvironmentLayers): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(layers.host)) {
    if (!SESSION_VARIABLES.some((pattern) => pattern.test(name))) env[name] = value;
  }
  Object.assign(env, layers.configured);
  for (const [name, value] of Object.entries(layers.driver)) {
    if (value === null) delete env[name];
    else env[name] = value;
  }
  if (layers.path !== undefined && env.PATH !== undefined) env.PATH = layers.path(env.PATH);
  return {
    ...env,
    ...gitVariables(env, layers.git),
    [JOB_VARIABLE]: layers.jobId,
    [DEPTH_VARIABLE]: String(layers.depth),
  };
}

/**
 * Git settings as environment variables, in the form in which `git -c` passes them on. Ours come after the host's own,
 * since the last one counts. `GIT_CONFIG_COUNT` is not used: agents hide variables with KEY in their names from the
 * commands that they run, and git fails when the keys of a count are missing.
 */
function gitVariables(
  env: Readonly<Record<string, string>>,
  git: readonly GitSetting[],
): Record<string, string> {
  if (git.length === 0) return {};
  const given = env.GIT_CONFIG_PARAMETERS ?? "";
  return {
    GIT_CONFIG_PARAMETERS: [...(given === "" ? [] : [given]), ...git.map(gitParameter)].join(" "),
    // In a terminal git starts a pager. This variable overrides a pager that the repository configures.
    GIT_PAGER: "cat",
    // In a partial clone a read may fetch, with programs that the repository names. Known to git 2.44 and later.
    GIT_NO_LAZY_FETCH: "1",
  };
}

/** `'key=value'`, which every git reads, or `'key'='value'` for a key that holds `=` (git 2.31 and later). */
function gitParameter({ key, value }: GitSetting): string {
  return key.includes("=") ? `${quoted(key)}=${quoted(value)}` : quoted(`${key}=${value}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
