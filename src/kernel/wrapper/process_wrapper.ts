/**
 * Room `kernel`: the wrapper as a process of this program, for systems without a POSIX shell. What it is to do goes
 * through its stdin and not into a file, since the agent's environment holds keys; half of that runs nothing.
 *
 * @module
 */
import { isTakenAway } from "../../system/files/files.ts";
import { withGivenUmask } from "../../system/processes/umask.ts";
import type { KeepRequest } from "./keep_turn.ts";
import type { TurnWrapper, WrapperOptions } from "./turn_wrapper.ts";
import { JOB_VARIABLE } from "../../domain/job/job_variables.ts";

export class ProcessWrapper implements TurnWrapper {
  readonly #command: readonly string[];

  /** @param command how to start a process that does {@link keepTurn}, as an argument vector */
  constructor(command: readonly string[]) {
    this.#command = command;
  }

  /** Its environment is this process's; what it hands to the agent comes with the request. */
  start(options: WrapperOptions): { status: Promise<unknown> } {
    const [executable = "", ...args] = this.#command;
    const process = new Deno.Command(executable, {
      // Only for people who look at the table of processes.
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

  /** The lock is gone with its process. A shared one coexists with those of others who look at the same moment. */
  isHeld(aliveFile: string): boolean | null {
    try {
      // To open a FIFO that an agent has put there would never return.
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
  return {
    files: { aliveFile, pidFile, agentFile, rawFile, stderrFile, exitFile, archivedExitFile },
    input: stdin === "prompt" ? turn.promptFile : null,
    executable,
    args: [...args],
    cwd,
    env,
  };
}

/** A wrapper that has ended before it was told everything has run nothing: its end says so. */
async function tell(stdin: WritableStream<Uint8Array>, request: KeepRequest): Promise<void> {
  try {
    const writer = stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify(request)));
    await writer.close();
  } catch {
    // Heard of through its status.
  }
}
