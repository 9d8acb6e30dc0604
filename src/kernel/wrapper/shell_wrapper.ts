/**
 * Room `kernel`: the wrapper as a POSIX shell script. A wrapper costs 0.13 MB of memory and 4.5 ms at the start.
 * Whether it lives is read from its FIFO in 40 µs.
 *
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { environmentEntries } from "../../system/processes/environment_bytes.ts";
import { removeIfExists, writeNew } from "../../system/files/files.ts";
import { makeFifo } from "../../system/processes/libc.ts";
import { canSpawn, spawnProcess } from "../../system/processes/spawn_process.ts";
import { givenUmask } from "../../system/processes/umask.ts";
import { encodeEnvironment } from "./become_agent.ts";
import { isTooLong, tooLong } from "../launch_fault.ts";
import { canShellCarry } from "./shell_environment.ts";
import type { TurnWrapper, WrapperOptions } from "./turn_wrapper.ts";
import { WRAPPER_SCRIPT } from "./shell_script.ts";
import { JOB_VARIABLE } from "../../domain/job/job_variables.ts";

/** The name (`$0`) of the wrapper's shell in a list of processes. */
const WRAPPER_NAME = "agent-async-turn";

const SHELL = "/bin/sh";

/** Errors that mean "no FIFO": an agent can remove it, take its permissions, or put something else in its place. */
const NO_FIFO = ["ENOENT", "EACCES", "ENOTDIR", "ELOOP"];

/** Variables that a process of this program needs to find its files when it runs from source. */
const OWN_VARIABLES = ["HOME", "DENO_DIR", "XDG_CACHE_HOME"];

export interface ShellWrapperOptions {
  /**
   * Starts a process that runs `becomeAgent`; the executable and its arguments. Without it, `start` throws for an
   * environment that a shell would change.
   */
  becomeAgent?: readonly string[];
  /** Whether processes are started by `posix_spawn` instead of `Deno.Command`; default: where that works. */
  spawns?: boolean;
  shell?: string;
}

/**
 * Starts wrappers that are shells. Where a shell hands on the agent's environment unchanged, it gets that environment
 * itself. Otherwise the shell gets a small environment of its own, and starts a process of this program that becomes
 * the agent with the right one.
 */
export class ShellWrapper implements TurnWrapper {
  readonly #becomeAgent: readonly string[];
  readonly #spawns: boolean;
  readonly #shell: string;

  constructor({ becomeAgent = [], spawns = canSpawn(), shell = SHELL }: ShellWrapperOptions = {}) {
    this.#becomeAgent = becomeAgent;
    this.#spawns = spawns;
    this.#shell = shell;
  }

  start(options: WrapperOptions): { status: Promise<unknown> } {
    const { turn, executable, args, cwd, stdin, feeder = [] } = options;
    const env = { ...options.env, PWD: cwd };
    // `Deno.Command` takes only well-formed text, and a variable may hold any bytes.
    const isCarried = canShellCarry(env) && (this.#spawns || isText(env));
    if (!isCarried && this.#becomeAgent.length === 0) {
      throw new Error("Cannot hand the environment on: a shell would change it");
    }
    const words = [
      "-c",
      WRAPPER_SCRIPT,
      WRAPPER_NAME,
      turn.path,
      turn.exitFile,
      givenUmask().toString(8),
      isCarried ? "" : "exact",
      inputOf(options),
      String(feeder.length),
      ...feeder,
      ...(isCarried ? [] : this.#becomeAgent),
      executable,
      ...args,
    ];
    // Checked here, since the process that becomes the agent could report it only in the agent's stderr.
    if (!isCarried && isTooLong({ args, env })) throw tooLong({ args, env });
    if (stdin === "channel" && feeder.length === 0) throw new Error("Cannot hand on what is said: no feeder");
    makeFifo(turn.aliveFile);
    if (stdin === "channel") makeFifo(turn.feedFile);
    const wrapper = { words, cwd, env: isCarried ? env : wrapperEnvironment(turn.jobId) };
    const exact = isCarried ? null : encodeEnvironment(env);
    return this.#spawns
      ? this.#spawn(wrapper, { path: turn.exactEnvFile, exact })
      : this.#command(wrapper, exact);
  }

  /**
   * Starts the shell by `posix_spawn`. `exact` is written to `path`, opened as the shell's stdin and removed before
   * this returns.
   */
  #spawn(
    { words, cwd, env }: ShellCommand,
    { path, exact }: { path: string; exact: Uint8Array | null },
  ): { status: Promise<unknown> } {
    try {
      if (exact !== null) {
        // A daemon that was killed here has left its file.
        removeIfExists(path);
        writeNew(path, exact);
      }
      return spawnProcess({
        executable: this.#shell,
        args: words,
        env: environmentEntries(env),
        cwd,
        ...(exact === null ? {} : { stdin: path }),
      });
    } finally {
      if (exact !== null) removeIfExists(path);
    }
  }

  #command({ words, cwd, env }: ShellCommand, exact: Uint8Array | null): { status: Promise<unknown> } {
    const child = new Deno.Command(this.#shell, {
      args: words,
      cwd,
      env,
      clearEnv: true,
      detached: true,
      stdin: exact === null ? "null" : "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    child.unref();
    if (exact !== null) void tell(child.stdin, exact);
    return { status: child.status };
  }

  /**
   * Reads the FIFO: it is at its end when no wrapper has it open, and has nothing to read yet (EAGAIN) when one has.
   */
  isHeld(aliveFile: string): boolean | null {
    let descriptor: number;
    try {
      descriptor = openSync(aliveFile, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (NO_FIFO.some((code) => hasCode(error, code))) return null;
      throw error;
    }
    try {
      // A file that an agent put in its place tells nothing.
      if (!fstatSync(descriptor).isFIFO()) return null;
      return readSync(descriptor, new Uint8Array(1)) > 0;
    } catch (error) {
      if (hasCode(error, "EAGAIN")) return true;
      throw error;
    } finally {
      closeSync(descriptor);
    }
  }
}

function inputOf({ stdin, turn }: WrapperOptions): string {
  switch (stdin) {
    case "prompt":
      return turn.promptFile;
    case "channel":
      return turn.feedFile;
    case "none":
      return "/dev/null";
  }
}

/** How the shell is started: its arguments, directory and environment. */
interface ShellCommand {
  words: string[];
  cwd: string;
  env: Record<string, string>;
}

function wrapperEnvironment(jobId: string): Record<string, string> {
  const own = OWN_VARIABLES.flatMap((name) => {
    const value = valueOf(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(own), [JOB_VARIABLE]: jobId };
}

function isText(env: Readonly<Record<string, string>>): boolean {
  return Object.entries(env).every(([name, value]) => name.isWellFormed() && value.isWellFormed());
}

/** The variable of this process; `undefined` also where it is not UTF-8, for which Deno throws. */
function valueOf(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
}

/** Writes the environment to the wrapper's stdin. Never rejects: without all of it no agent is started. */
async function tell(stdin: WritableStream<Uint8Array>, bytes: Uint8Array): Promise<void> {
  try {
    const writer = stdin.getWriter();
    await writer.write(bytes);
    await writer.close();
  } catch {
    // The wrapper has ended; its `status` tells the caller.
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
