/**
 * Room `kernel`: the wrapper as a POSIX shell script. It costs 0.13 MB and 4.5 ms, and its FIFO tells alive from dead
 * in 40 µs.
 *
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { LaunchOptions } from "./launch.ts";
import type { TurnWrapper } from "./turn_wrapper.ts";
import { WRAPPER_SCRIPT } from "./wrapper.ts";

/** Shown by `ps` as the wrapper's name. */
const WRAPPER_NAME = "agent-async-turn";

/** An agent can remove its FIFO, close it to us, or put something in its place that cannot be opened. */
const NO_FIFO = ["ENOENT", "EACCES", "ENOTDIR", "ELOOP"];

/** Its environment is the agent's: a shell hands on only variables whose names it could have made itself. */
export const shellWrapper: TurnWrapper = {
  start({ turn, executable, args, cwd, env, stdin }: LaunchOptions) {
    const input = stdin === "prompt" ? turn.promptFile : "/dev/null";
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", WRAPPER_SCRIPT, WRAPPER_NAME, turn.path, turn.exitFile, input, executable, ...args],
      cwd,
      env,
      clearEnv: true,
      detached: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    child.unref();
    return { status: child.status };
  },

  /** A FIFO without a writer is at its end. */
  isHeld(aliveFile) {
    let descriptor: number;
    try {
      descriptor = openSync(aliveFile, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (NO_FIFO.some((code) => hasCode(error, code))) return null;
      throw error;
    }
    try {
      // Another file in its place says nothing.
      if (!fstatSync(descriptor).isFIFO()) return null;
      return readSync(descriptor, new Uint8Array(1)) > 0;
    } catch (error) {
      if (hasCode(error, "EAGAIN")) return true;
      throw error;
    } finally {
      closeSync(descriptor);
    }
  },
};

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
