/**
 * Room `config`: where things are kept. One state directory, one daemon: two spellings of a directory must give one
 * path. Every front-end reads this before it greets its host, so it does without `node:path`, which brings Node's
 * whole beginning with it: 5 MB and 10 ms.
 *
 * @module
 */
import { AgentAsyncError } from "../domain/errors.ts";
import { givenVariable } from "../system/given_variable.ts";

/** Moves the state directory. */
export const HOME_VARIABLE = "AGENT_ASYNC_HOME";

/** The files of the state directory that have a fixed name. */
export interface StatePaths {
  readonly home: string;
  readonly configFile: string;
  /** The configuration as it could last be used. */
  readonly lastConfigFile: string;
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
  const chosen = givenVariable(env, HOME_VARIABLE);
  if (chosen !== undefined) {
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
  return normal(`${user}/.agent-async`, os);
}

/** A drive, or a server and what it shares; what follows begins with a separator. */
const WINDOWS_ROOT = /^([A-Za-z]:|[\\/]{2}[^\\/]+[\\/]+[^\\/]+)(.*)$/s;
const POSIX_ROOT = /^()(\/.*)$/s;

/** The files below a state directory, which is what {@link stateHome} gives. */
export function statePaths(home: string): StatePaths {
  const separator = Deno.build.os === "windows" ? "\\" : "/";
  const inside = (name: string) => `${home}${separator}${name}`;
  return {
    home,
    configFile: inside("config.json"),
    lastConfigFile: inside("config.last.json"),
    logFile: inside("daemon.log"),
    lockFile: inside("daemon.lock"),
    databaseFile: inside("queue.db"),
    jobsDirectory: inside("jobs"),
  };
}

/** Whether `path` means the same from every working directory. */
export function isAbsolutePath(path: string, os: string = Deno.build.os): boolean {
  return os === "windows" ? /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path) : path.startsWith("/");
}

/** An absolute path without `.`, `..`, doubled separators and one at its end. */
function normal(path: string, os: string): string {
  const isWindows = os === "windows";
  const match = (isWindows ? WINDOWS_ROOT : POSIX_ROOT).exec(path);
  if (match === null) return path;
  const [, root = "", rest = ""] = match;
  const steps: string[] = [];
  for (const step of rest.split(isWindows ? /[\\/]/ : "/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return isWindows ? `${root.replaceAll("/", "\\")}\\${steps.join("\\")}` : `/${steps.join("/")}`;
}
