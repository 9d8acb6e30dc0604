/**
 * Room `scheduler`: the environment of an agent's process: the host's that asked, less the identity of the asking
 * session, so that a worker is nobody's double (transcripts lost, messages injected into the wrong session).
 *
 * @module
 */
import { BUILT_IN_DRIVERS } from "../../agents/builtin.ts";
import type { GitSetting } from "../../system/files/git_config.ts";
import { DEPTH_VARIABLE, JOB_VARIABLE } from "../../domain/job/job_variables.ts";

/** Identity and messaging of the asking session, whichever agent it is one of; credentials, homes and endpoints stay. */
const SESSION_VARIABLES: readonly RegExp[] = [
  // Several agents name themselves in it.
  /^AI_AGENT$/,
  ...BUILT_IN_DRIVERS.flatMap(({ sessionVariables }) => sessionVariables ?? []),
];

export interface EnvironmentLayers {
  /** The host's. */
  host: Readonly<Record<string, string>>;
  /** Of the configuration. */
  configured: Readonly<Record<string, string>>;
  /** Of the driver; `null` removes a variable. */
  driver: Readonly<Record<string, string | null>>;
  /** Settings for the agent's git that stand above every file's; none leaves git's variables alone. */
  git: readonly GitSetting[];
  jobId: string;
  depth: number;
}

/** Later layers win; the job's own marks win over all. */
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
  return {
    ...env,
    ...gitVariables(env, layers.git),
    [JOB_VARIABLE]: layers.jobId,
    [DEPTH_VARIABLE]: String(layers.depth),
  };
}

/**
 * As `git -c` hands settings to the gits that it starts, behind what the host gives in the same way, so that ours
 * count. Not as `GIT_CONFIG_COUNT`: agents keep variables with KEY in their names from what they run, and git refuses to
 * work with a count whose keys are missing.
 */
function gitVariables(
  env: Readonly<Record<string, string>>,
  git: readonly GitSetting[],
): Record<string, string> {
  if (git.length === 0) return {};
  const given = env.GIT_CONFIG_PARAMETERS ?? "";
  return {
    GIT_CONFIG_PARAMETERS: [...(given === "" ? [] : [given]), ...git.map(gitParameter)].join(" "),
    // Where a command runs in a terminal, git starts a pager: a repository's own, if this does not stand above it.
    GIT_PAGER: "cat",
    // In a partial clone, to read is to fetch, with programs that the repository names. For gits from 2.44 on.
    GIT_NO_LAZY_FETCH: "1",
  };
}

/** Every git reads the first form, which ends the key at its first `=`; gits from 2.31 on read the second. */
function gitParameter({ key, value }: GitSetting): string {
  return key.includes("=") ? `${quoted(key)}=${quoted(value)}` : quoted(`${key}=${value}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
