/**
 * Room `kernel`: the files of one turn. A turn's directory is never used twice: a wrapper that outlived its daemon
 * would write its end into somebody else's.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { readExitRecord } from "./end/exit_record.ts";
import { ifOurs, PRIVATE_DIRECTORY_MODE, removeIfExists } from "../system/files/files.ts";
import type { TurnWrapper } from "./wrapper/turn_wrapper.ts";

export class TurnDirectory {
  readonly jobId: string;
  readonly turn: number;
  readonly path: string;
  readonly promptFile: string;
  /** stdout of the agent. */
  readonly rawFile: string;
  readonly stderrFile: string;
  /** The wrapper's pid, start time and boot. */
  readonly pidFile: string;
  /** The same of the agent, where the system tells them without a further process. */
  readonly agentFile: string;
  /** Held open by the wrapper, and by nobody else, for as long as it lives. */
  readonly aliveFile: string;
  /** Where the wrapper puts the exit record; blank while it runs. */
  readonly exitFile: string;
  /** Where the record stays once it has been seen. */
  readonly archivedExitFile: string;
  readonly requestFile: string;
  readonly outcomeFile: string;
  /** Which driver began the turn, and how. */
  readonly launchFile: string;
  /** What the host sent; it may hold keys, and is with those of all other jobs, so that none is forgotten. */
  readonly envFile: string;
  /** What the agent's environment is handed over in, for an instant, when a shell cannot; see `ShellWrapper`. */
  readonly exactEnvFile: string;
  /** For files that the agent's command line needs. */
  readonly scratchPath: string;
  /** Who runs the turn. */
  readonly wrapper: TurnWrapper;

  /** Made by `JobDirectory.turn`. */
  constructor(options: {
    jobId: string;
    turn: number;
    path: string;
    exitFile: string;
    envFile: string;
    wrapper: TurnWrapper;
  }) {
    const { jobId, turn, path, exitFile, envFile, wrapper } = options;
    this.jobId = jobId;
    this.turn = turn;
    this.path = path;
    this.promptFile = join(path, "prompt.md");
    this.rawFile = join(path, "raw.jsonl");
    this.stderrFile = join(path, "stderr.log");
    this.pidFile = join(path, "pid");
    this.agentFile = join(path, "agent");
    this.aliveFile = join(path, "alive");
    this.exitFile = exitFile;
    this.archivedExitFile = join(path, "exit");
    this.requestFile = join(path, "turn.json");
    this.outcomeFile = join(path, "outcome.json");
    this.launchFile = join(path, "launch.json");
    this.envFile = envFile;
    // Under a name that is no turn's: the next daemon clears it away should this one be killed meanwhile.
    this.exactEnvFile = join(dirname(envFile), `.${basename(envFile)}.exact`);
    this.scratchPath = join(path, "scratch");
    this.wrapper = wrapper;
  }

  /** @throws Deno.errors.AlreadyExists when there is such a turn */
  create(): void {
    Deno.mkdirSync(this.path, { mode: PRIVATE_DIRECTORY_MODE });
  }

  /**
   * Takes away what a wrapper has left that refused the turn, so that another one can claim it. The caller knows that the
   * agent was not begun, and that no wrapper lives.
   */
  release(): void {
    const { rawFile, stderrFile, exitFile, archivedExitFile, pidFile, aliveFile } = this;
    const claims = [aliveFile, join(this.path, "claim")];
    // The claims last: until they are gone, nobody begins.
    for (const path of [rawFile, stderrFile, exitFile, archivedExitFile, pidFile, ...claims]) {
      ifOurs(() => removeIfExists(path));
    }
  }

  /** Moves the exit record out of the watched directory; harmless when that has been done, or there is none. */
  archiveExit(): void {
    if (readExitRecord(this.exitFile) !== null) {
      ifOurs(() => Deno.renameSync(this.exitFile, this.archivedExitFile));
    }
    // What a wrapper that was killed had prepared.
    removeIfExists(this.exitFile);
  }
}
