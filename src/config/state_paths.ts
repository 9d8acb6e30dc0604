/**
 * Room `config`: where things are kept. One state directory, one daemon: two spellings of a directory must give one
 * path.
 *
 * @module
 */
import { join, resolve, win32 } from "node:path";
import { AgentAsyncError } from "../domain/errors.ts";

/** Moves the state directory. */
export const HOME_VARIABLE = "AGENT_ASYNC_HOME";

/** The files of the state directory that have a fixed name. */
export interface StatePaths {
  readonly home: string;
  readonly configFile: string;
  readonly logFile: string;
  readonly lockFile: string;
  readonly databaseFile: string;
  readonly jobsDirectory: string;
}

/**
 * The state directory: `$AGENT_ASYNC_HOME`, else `.agent-async` in the user's home directory. It need not exist.
 *
 * @throws AgentAsyncError `config_invalid` for a relative one, or when the user has no home directory.
 */
export function stateHome(env: Readonly<Record<string, string>>, os: string = Deno.build.os): string {
  const chosen = env[HOME_VARIABLE];
  if (chosen !== undefined && chosen !== "") {
    if (!isAbsolutePath(chosen, os)) {
      throw new AgentAsyncError(
        "config_invalid",
        `${HOME_VARIABLE}: must be an absolute path, not ${JSON.stringify(chosen)}`,
        { hint: `A shell expands ${HOME_VARIABLE}="$HOME/agents"; a configuration file may not.` },
      );
    }
    return normal(chosen, os);
  }
  const variable = os === "windows" ? "USERPROFILE" : "HOME";
  const user = env[variable];
  if (user === undefined || !isAbsolutePath(user, os)) {
    throw new AgentAsyncError("config_invalid", `${variable}: names no home directory`, {
      hint: `Set ${HOME_VARIABLE} to the directory where jobs shall be kept.`,
    });
  }
  return os === "windows" ? win32.join(user, ".agent-async") : normal(join(user, ".agent-async"), os);
}

export function statePaths(home: string): StatePaths {
  return {
    home,
    configFile: join(home, "config.json"),
    logFile: join(home, "daemon.log"),
    lockFile: join(home, "daemon.lock"),
    databaseFile: join(home, "queue.db"),
    jobsDirectory: join(home, "jobs"),
  };
}

/** Whether `path` means the same from every working directory. */
export function isAbsolutePath(path: string, os: string = Deno.build.os): boolean {
  return os === "windows" ? /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path) : path.startsWith("/");
}

function normal(path: string, os: string): string {
  return os === "windows" ? win32.resolve(path) : resolve(path);
}
