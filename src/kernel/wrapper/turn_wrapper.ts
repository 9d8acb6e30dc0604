/**
 * Room `kernel`: who stands between the daemon and an agent, so that the agent and its exit code outlive the daemon:
 * the system's shell, or where there is none a process of this program. All else in the room is the same for both.
 *
 * @module
 */
/** Exit code of a wrapper that did not run the agent: the turn was claimed before, or its files cannot be written. */
export const WRAPPER_REFUSED = 125;

/** The files of a turn that its wrapper reads or writes; absolute paths. */
export interface WrappedTurn {
  readonly jobId: string;
  /** Its directory, which exists. */
  readonly path: string;
  readonly promptFile: string;
  readonly rawFile: string;
  readonly stderrFile: string;
  readonly pidFile: string;
  readonly agentFile: string;
  readonly aliveFile: string;
  readonly exitFile: string;
  readonly archivedExitFile: string;
  readonly exactEnvFile: string;
}

/** The agent's command, and the turn whose wrapper is to run it. */
export interface WrapperOptions {
  turn: WrappedTurn;
  /** Absolute. One that does not exist is not noticed here: the turn ends with exit code 127. */
  executable: string;
  args: readonly string[];
  cwd: string;
  /** The whole environment of the agent, which it gets byte for byte, with `PWD` for the directory it works in. */
  env: Record<string, string>;
  stdin: "prompt" | "none";
}

export interface TurnWrapper {
  /**
   * Starts the wrapper of a turn in a session of its own, and without any tie to this process. It claims the turn by
   * creating its `alive` file, of which there can be one, and holds that for as long as it lives.
   *
   * @throws what the system says; nothing was started then
   */
  start(options: WrapperOptions): { status: Promise<unknown> };
  /** Whether a wrapper holds this `alive` file; `null` when there is none, or something else in its place. */
  isHeld(aliveFile: string): boolean | null;
}
