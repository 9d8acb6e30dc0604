/**
 * Room `daemon`: starts a daemon that outlives whoever started it: a session of its own, no terminal, no pipe, no
 * directory held.
 *
 * @module
 */
import { AgentAsyncError, messageOf } from "../../domain/errors.ts";
import { isCarriedByShells } from "../../kernel/wrapper/shell_environment.ts";
import { isAbsolutePath } from "../../system/files/paths.ts";
import { environmentEntries } from "../../system/processes/environment_bytes.ts";
import { canSpawn, spawnProcess } from "../../system/processes/spawn_process.ts";
import { withGivenUmask } from "../../system/processes/umask.ts";
import { lastWordsFile, withLastWords } from "../serve/last_words.ts";
import { V8_FLAGS } from "../serve/v8_flags.ts";
import { DEPTH_VARIABLE, JOB_VARIABLE } from "../../domain/job/job_variables.ts";

export interface SpawnDaemonOptions {
  /** How to start a daemon in the foreground, as an argument vector. */
  command: readonly string[];
  env: Readonly<Record<string, string>>;
  home: string;
  /** Whether it is started by `posix_spawn`; where that works unless given. */
  spawns?: boolean;
}

/**
 * What marks a process as part of a job. A daemon that was started from inside a job must not carry it: ending the job
 * ends every process that does.
 */
const JOB_VARIABLES = [JOB_VARIABLE, DEPTH_VARIABLE];

/**
 * @returns how it ended, should it end while the caller still looks; it does not keep the caller alive.
 * @throws {AgentAsyncError} `daemon_unreachable` when it cannot be started at all.
 */
export function spawnDaemon(
  { command, env, home, spawns = canSpawn() }: SpawnDaemonOptions,
): Promise<{ success: boolean; code: number }> {
  const [program] = command;
  if (program === undefined) throw new Error("Cannot start a daemon: the command is empty.");
  const own = Object.entries(env).filter(([name]) => !JOB_VARIABLES.includes(name));
  const daemonEnv = { DENO_V8_FLAGS: V8_FLAGS, ...Object.fromEntries(own), AGENT_ASYNC_HOME: home };
  try {
    // A program that is missing is named in words here; the shell before it would only exit with a number.
    if (isAbsolutePath(program)) Deno.statSync(program);
    // The file for its stderr is made under our own umask; only the daemon itself gets the caller's.
    const stderr = lastWordsFile(home);
    return withGivenUmask(() =>
      spawns && isAbsolutePath(program)
        ? spawnAlone(command, daemonEnv, stderr)
        : spawnByCommand(withLastWords(home, command), daemonEnv)
    );
  } catch (error) {
    throw new AgentAsyncError(
      "daemon_unreachable",
      `Cannot start the daemon ${program}: ${messageOf(error)}`,
      {
        hint: "Was agent-async moved or removed? Start it from where it is now.",
        cause: error,
      },
    );
  }
}

type Environment = Readonly<Record<string, string>>;

function spawnAlone([executable = "", ...args]: readonly string[], env: Environment, stderr: string | null) {
  const entries = environmentEntries(env);
  const { status } = spawnProcess({
    executable,
    args,
    env: entries,
    cwd: "/",
    ...(stderr === null ? {} : { stderr }),
  });
  return status;
}

/** A shell may come first, and an empty `OPTIND` ends one: what shells change is nothing that a daemon needs. */
function spawnByCommand([executable = "", ...args]: readonly string[], env: Environment) {
  const carried = Object.entries(env).filter(([name]) => isCarriedByShells(name));
  const child = new Deno.Command(executable, {
    args,
    env: Object.fromEntries(carried),
    clearEnv: true,
    cwd: "/",
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  child.unref();
  return child.status;
}
