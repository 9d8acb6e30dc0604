/**
 * Room `kernel`: the wrapper as a process of this program, for systems without a POSIX shell. It is told what to run
 * through its stdin and not through a file, since the agent's environment holds keys.
 *
 * @module
 */
import { isTakenAway } from "../../system/files/files.ts";
import { withGivenUmask } from "../../system/processes/umask.ts";
import type { KeepRequest } from "./keep_turn.ts";
import type { TurnWrapper, WrapperOptions } from "./turn_wrapper.ts";
import { JOB_VARIABLE } from "../../domain/job/job_variables.ts";

/** Starts wrappers that are processes of this program. */
export class ProcessWrapper implements TurnWrapper {
  readonly #command: readonly string[];

  /** @param command starts a process that runs `keepTurn`; the executable and its arguments */
  constructor(command: readonly string[]) {
    this.#command = command;
  }

  /** The wrapper inherits the daemon's environment. The agent's comes with the request. */
  start(options: WrapperOptions): { status: Promise<unknown> } {
    const [executable = "", ...args] = this.#command;
    const process = new Deno.Command(executable, {
      // The path is not read by the wrapper. It tells people who list processes which turn this one runs.
      args: [...args, options.turn.path],
      cwd: "/",
      env: { [JOB_VARIABLE]: options.turn.jobId },
      detached: true,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    });
    const child = withGivenUmask(() => process.spawn());
    child.unref();
    void tell(child.stdin, requestFor(options));
    return { status: child.status };
  }

  /**
   * Tries to lock the `alive` file: the wrapper's exclusive lock ends with its process. The try is a shared lock, so
   * that several callers at the same moment do not take each other for the wrapper.
   */
  isHeld(aliveFile: string): boolean | null {
    try {
      // An agent may have put a FIFO there, and to open one can block for ever.
      if (!Deno.statSync(aliveFile).isFile) return null;
      using file = Deno.openSync(aliveFile, { read: true });
      return !file.tryLockSync(false);
    } catch (error) {
      if (isTakenAway(error)) return null;
      throw error;
    }
  }
}

function requestFor({ turn, executable, args, cwd, env, stdin }: WrapperOptions): KeepRequest {
  const { aliveFile, pidFile, agentFile, rawFile, stderrFile, exitFile, archivedExitFile } = turn;
  const { channelFile, channelEndFile } = turn;
  return {
    files: { aliveFile, pidFile, agentFile, rawFile, stderrFile, exitFile, archivedExitFile },
    input: stdin === "prompt" ? turn.promptFile : null,
    ...(stdin === "channel" ? { channel: { file: channelFile, endFile: channelEndFile } } : {}),
    executable,
    args: [...args],
    cwd,
    env,
  };
}

/** Writes the request to the wrapper's stdin. Never rejects: a wrapper that does not get all of it starts no agent. */
async function tell(stdin: WritableStream<Uint8Array>, request: KeepRequest): Promise<void> {
  try {
    const writer = stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify(request)));
    await writer.close();
  } catch {
    // The wrapper has ended; its `status` tells the caller.
  }
}
