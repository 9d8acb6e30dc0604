/**
 * Room `config`: the paths of the state directory. One state directory has one daemon, so two spellings of the same
 * path must give the same result. Every front-end loads this file before it greets its host. It therefore avoids
 * `node:path`, which also loads the basis of Deno's Node support: 5 MB and 10 ms.
 *
 * @module
 */
import { AgentAsyncError } from "../domain/errors.ts";
import { isAbsolutePath, normalPath, SEPARATOR } from "../system/files/paths.ts";
import { givenVariable } from "../system/given_variable.ts";

/** The environment variable that sets the state directory. */
export const HOME_VARIABLE = "AGENT_ASYNC_HOME";

/** Absolute paths of the state directory and of what has a fixed name in it. */
export interface StatePaths {
  readonly home: string;
  readonly configFile: string;
  /** A copy of the configuration file as it last was when it could be used. */
  readonly lastConfigFile: string;
  readonly logFile: string;
  readonly lockFile: string;
  readonly databaseFile: string;
  readonly jobsDirectory: string;
  /** An empty file that is there once a person could have seen a question: at a terminal, or in a host that asks. */
  readonly personFile: string;
}

/**
 * The absolute path of the state directory: `$AGENT_ASYNC_HOME`, else `.agent-async` in the user's home directory. It
 * need not exist.
 *
 * @throws AgentAsyncError `config_invalid` when the variable holds a relative path, or the user has no home directory
 */
export function stateHome(env: Readonly<Record<string, string>>, os: string = Deno.build.os): string {
  const chosen = givenVariable(env, HOME_VARIABLE);
  if (chosen !== undefined) {
    if (!isAbsolutePath(chosen, os)) {
      throw new AgentAsyncError(
        "config_invalid",
        `${HOME_VARIABLE}: must be an absolute path, not ${JSON.stringify(chosen)}`,
        { hint: `A shell expands ${HOME_VARIABLE}="$HOME/agents"; a configuration file may not.` },
      );
    }
    return normalPath(chosen, os);
  }
  const variable = os === "windows" ? "USERPROFILE" : "HOME";
  const user = env[variable];
  if (user === undefined || !isAbsolutePath(user, os)) {
    throw new AgentAsyncError("config_invalid", `${variable}: names no home directory`, {
      hint: `Set ${HOME_VARIABLE} to the directory where jobs shall be kept.`,
    });
  }
  return normalPath(`${user}/.agent-async`, os);
}

/**
 * The paths in a state directory.
 *
 * @param home as returned by {@link stateHome}
 */
export function statePaths(home: string): StatePaths {
  const inside = (name: string) => `${home}${SEPARATOR}${name}`;
  return {
    home,
    configFile: inside("config.json"),
    lastConfigFile: inside("config.last.json"),
    logFile: inside("daemon.log"),
    lockFile: inside("daemon.lock"),
    databaseFile: inside("queue.db"),
    jobsDirectory: inside("jobs"),
    personFile: inside("person.seen"),
  };
}

/** The transcript of a job as a person reads it. */
export function transcriptFile({ jobsDirectory }: Pick<StatePaths, "jobsDirectory">, jobId: string): string {
  return [jobsDirectory, jobId, "output.txt"].join(SEPARATOR);
}
