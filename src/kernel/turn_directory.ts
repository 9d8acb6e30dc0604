/**
 * Room `kernel`: the files of one turn. A turn's directory is never used for another turn: a wrapper that has outlived
 * its daemon would write its exit record over the other's.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { readExitRecord } from "./end/exit_record.ts";
import { ifOurs, PRIVATE_DIRECTORY_MODE, removeIfExists } from "../system/files/files.ts";
import { isThere } from "../system/files/is_there.ts";
import type { TurnWrapper } from "./wrapper/turn_wrapper.ts";

/** The paths of one turn's files, all absolute. Making one touches no file. */
export class TurnDirectory {
  readonly jobId: string;
  readonly turn: number;
  readonly path: string;
  readonly promptFile: string;
  /** The agent's stdout, as it was written. */
  readonly rawFile: string;
  readonly stderrFile: string;
  /** Written by the wrapper: its own pid, start time and boot id in one line, or its pid alone. */
  readonly pidFile: string;
  /** The same of the agent's process; missing or empty where the system does not tell them cheaply (macOS). */
  readonly agentFile: string;
  /** Held by the wrapper, and by nobody else, for as long as it lives. */
  readonly aliveFile: string;
  /** The wrapper's exit record, in `exits/`; blank while the agent runs. */
  readonly exitFile: string;
  /** The exit record after the daemon has seen it and moved it into the turn's directory. */
  readonly archivedExitFile: string;
  readonly requestFile: string;
  readonly outcomeFile: string;
  /** `in.jsonl`: all that was ever said to a two-way agent. It grows, and is the agent's stdin through its feeder. */
  readonly channelFile: string;
  /** `inputs.jsonl`: the journal of a talk. */
  readonly journalFile: string;
  /** The FIFO between the feeder and the agent. */
  readonly feedFile: string;
  /** Written by the wrapper: the feeder's pid, start time and boot id. */
  readonly feederFile: string;
  /** Is there when the daemon has ordered the end of the agent's input. */
  readonly channelEndFile: string;
  /** Written by the wrapper when the feeder had ended before the agent. */
  readonly cutFile: string;
  /** Which driver started the agent of this turn, and with what command. */
  readonly launchFile: string;
  /** The environment that the host sent, which may hold keys. It is in `environments/`, where leftovers are found. */
  readonly envFile: string;
  /** Carries the agent's environment to its process where a shell would change it. Exists for an instant. */
  readonly exactEnvFile: string;
  /** A directory for files that the agent's command line names. */
  readonly scratchPath: string;
  /** Starts the wrapper that runs this turn, and tells whether it lives. */
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
    this.channelFile = join(path, "in.jsonl");
    this.journalFile = join(path, "inputs.jsonl");
    this.feedFile = join(path, "feed");
    this.feederFile = join(path, "feeder");
    this.channelEndFile = join(path, "in.end");
    this.cutFile = join(path, "cut");
    this.launchFile = join(path, "launch.json");
    this.envFile = envFile;
    // A name in `environments/` that stands for no turn is removed by the next daemon, should this one be killed.
    this.exactEnvFile = join(dirname(envFile), `.${basename(envFile)}.exact`);
    this.scratchPath = join(path, "scratch");
    this.wrapper = wrapper;
  }

  /**
   * The directory of a check's run after the turn: a process of its own under the same wrapper. It has its exit record
   * to itself, since nobody but the turn's watch looks for it.
   *
   * @param nth 1 for the first run; 0 for one on the files as they were before the job
   */
  check(nth: number): TurnDirectory {
    const { jobId, turn, envFile, wrapper } = this;
    const path = join(this.path, "checks", String(nth));
    return new TurnDirectory({ jobId, turn, path, exitFile: join(path, "exit"), envFile, wrapper });
  }

  /** Creates the turn's directory. @throws Deno.errors.AlreadyExists when it is there already */
  create(): void {
    Deno.mkdirSync(this.path, { mode: PRIVATE_DIRECTORY_MODE });
  }

  /**
   * Removes what a wrapper left behind that did not run the turn, so that another one can claim it. The caller must be
   * sure that the agent was not started and that no wrapper lives.
   */
  release(): void {
    const { rawFile, stderrFile, exitFile, archivedExitFile, pidFile, aliveFile, feederFile, cutFile } = this;
    const claims = [aliveFile, join(this.path, "claim")];
    // The claims are removed last: as long as they are there, no other wrapper starts.
    const files = [rawFile, stderrFile, exitFile, archivedExitFile, pidFile, feederFile, cutFile];
    for (const path of [...files, ...claims]) {
      ifOurs(() => removeIfExists(path));
    }
  }

  /** Moves the exit record from `exits/` into the turn's directory. Does nothing when there is none in `exits/`. */
  archiveExit(): void {
    if (readExitRecord(this.exitFile) !== null) {
      ifOurs(() => Deno.renameSync(this.exitFile, this.archivedExitFile));
    }
    // A wrapper that was killed leaves its record blank.
    if (isThere(this.exitFile)) removeIfExists(this.exitFile);
  }
}
