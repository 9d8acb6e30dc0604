/**
 * Room `kernel`: the wrapper, a process between the daemon and an agent. With it the agent and its exit code outlive
 * the daemon. It is the system's shell, or a process of this program where there is none; the rest of the room works
 * with both alike.
 *
 * @module
 */
/** Exit code of a wrapper that did not start the agent: the turn was claimed before, or its files cannot be written. */
export const WRAPPER_REFUSED = 125;

/** The files of a turn that its wrapper reads or writes; absolute paths. */
export interface WrappedTurn {
  readonly jobId: string;
  /** The turn's directory, which must exist. */
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
  readonly channelFile: string;
  readonly channelEndFile: string;
  readonly feedFile: string;
  readonly feederFile: string;
}

/** The agent's command, and the turn that it runs in. */
export interface WrapperOptions {
  turn: WrappedTurn;
  /** Absolute path. It is not checked whether it exists: when it does not, the turn ends with exit code 127. */
  executable: string;
  args: readonly string[];
  cwd: string;
  /** The whole environment of the agent, which it gets byte for byte; a shell adds `PWD`. */
  env: Record<string, string>;
  /** "channel": the file `channelFile` as it grows, until the feeder is ended. */
  stdin: "prompt" | "none" | "channel";
  /** With "channel": the command of the feeder, to which the path of the file is added. */
  feeder?: readonly string[];
}

/** One way to run wrappers. */
export interface TurnWrapper {
  /**
   * Starts the wrapper of a turn in a session of its own, so that it outlives this process. The wrapper claims the
   * turn, which only one wrapper can, and holds the turn's `alive` file for as long as it lives.
   *
   * @returns `status` settles when the wrapper ends
   * @throws what the system says; then nothing was started
   */
  start(options: WrapperOptions): { status: Promise<unknown> };
  /** Whether a wrapper holds this `alive` file; `null` when there is no such file, or something else in its place. */
  isHeld(aliveFile: string): boolean | null;
}
