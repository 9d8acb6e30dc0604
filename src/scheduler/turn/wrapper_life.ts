/**
 * Room `scheduler`: the state of a turn's wrapper: whether it has begun, has refused the turn, or is gone. Rule of this
 * file: a turn counts as over only when no wrapper can begin it any more.
 *
 * @module
 */
import type { Failure } from "../../domain/turn/turn.ts";
import type { TurnDirectory } from "../../kernel/turn_directory.ts";
import type { TurnProcess } from "../../kernel/turn_process.ts";
import { WRAPPER_REFUSED } from "../../kernel/wrapper/turn_wrapper.ts";
import type { Clock } from "../../system/clock.ts";
import { sizeIfOurs } from "../../system/files/files.ts";
import { within } from "../../system/deadline.ts";

/** Ms that a wrapper may take from its launch to its pid file; a busy machine needs a few. */
const BIRTH_LIMIT_MS = 10_000;

/** Ms after the end of our wrapper in which a wrapper of an earlier daemon may still begin the turn. */
const RIVAL_LIMIT_MS = 2_000;

/** Ms that the system may take to report the exit status of a wrapper that has ended. */
const STATUS_MS = 1_000;

export class WrapperLife {
  readonly #files: TurnDirectory;
  readonly #process: TurnProcess;
  readonly #clock: Clock;
  /** Steady ms at which this daemon launched or adopted the turn. */
  readonly #openedAt: number;
  /** Settles with the exit status of the wrapper that this daemon launched; `null` for an adopted turn. */
  #status: Promise<unknown> | null = null;
  /** Steady ms at which the wrapper that this daemon launched ended. */
  #endedAt: number | null = null;

  constructor(files: TurnDirectory, { process, clock }: { process: TurnProcess; clock: Clock }) {
    this.#files = files;
    this.#process = process;
    this.#clock = clock;
    this.#openedAt = clock.steady();
  }

  /** To be called when this daemon has launched the wrapper. `status` settles when the wrapper ends. */
  launched(status: Promise<unknown>): void {
    this.#status = status.catch(() => null).then((status) => {
      this.#endedAt = this.#clock.steady();
      return status;
    });
  }

  /** Whether nothing of the turn runs any more, so that it can be finished. */
  isOver(): boolean {
    if (this.#process.exitRecord() !== null) return true;
    const liveness = this.#process.liveness();
    if (liveness === "alive") return false;
    if (liveness === "gone") return true;
    const now = this.#clock.steady();
    // No wrapper has begun the turn yet. Ours ends at once when a wrapper of an earlier daemon has claimed the turn;
    // that one may need a moment to begin it.
    return (this.#endedAt !== null && now - this.#endedAt > RIVAL_LIMIT_MS) ||
      now - this.#openedAt > BIRTH_LIMIT_MS;
  }

  /** Whether our wrapper refused the turn (there was no room for its files) and no other wrapper has claimed it. */
  async wasRefused(): Promise<boolean> {
    if (this.#status === null) return false;
    // The turn's files can show the end of the wrapper before the system reports its status.
    const status = await within(STATUS_MS, this.#status);
    return isRefusal(status) && this.#process.identity() === null && this.#process.exitRecord() === null &&
      sizeIfOurs(this.#files.rawFile) === 0 && this.#files.wrapper.isHeld(this.#files.aliveFile) !== true;
  }

  /** Why the agent never ran, when no wrapper has begun the turn; `null` when one has. */
  birthFailure(): Failure | null {
    if (this.#process.exitRecord() !== null || this.#process.liveness() !== "unborn") return null;
    return {
      reason: "spawn_failed",
      message: "The process that runs the agent did not start",
      hint: "Check free disk space and process limits (`agent-async doctor`), then start the job again.",
      retry_at: null,
    };
  }
}

function isRefusal(status: unknown): boolean {
  return typeof status === "object" && status !== null && "code" in status && status.code === WRAPPER_REFUSED;
}
