/**
 * Room `agents`: how an agent's output is read, and what is left to judge when its process has ended.
 *
 * @module
 */
import type { EventBody } from "../domain/event/event.ts";
import type { ProcessEnd, Terminal } from "../domain/turn/turn.ts";
import type { Usage } from "../domain/turn/usage.ts";

/** What one line of output, or its end, tells. */
export interface Reading {
  readonly events: readonly EventBody[];
  /** The agent's last word, if this was it. A later one overrides an earlier one. */
  readonly terminal?: Terminal;
  /** The agent has begun to work again after a last word, and another one will follow. */
  readonly resumes?: true;
}

/** Reads one turn's output. Deterministic: the same lines give the same readings, which is how a daemon resumes. */
export interface TurnReader {
  /** @param line one whole line without its newline. Never throws: an unknown line is a `raw` event. */
  read(line: string): Reading;
  /**
   * One line of stderr, for a CLI that tells some things nowhere else. What it gives must not depend on what `read` has
   * seen, since nobody knows which of the two came first: what belongs together is for `finish` to say.
   */
  readError?(line: string): readonly EventBody[];
  /**
   * Gives what was held back in the hope of more: nothing has been printed for a while, and somebody may be watching. A
   * daemon that resumes a turn calls it once, behind the newest event of its predecessor. Nothing is held back then.
   */
  pause?(): readonly EventBody[];
  /** Gives what was still held back: the output has ended. */
  finish(): Reading;
}

export interface ReaderContext {
  /** The session that the turn continues, or `null`. */
  readonly sessionId: string | null;
  /** The session's usage as reported at the end of the turn before. */
  readonly sessionUsage: Usage | null;
  /** Epoch ms at which the turn began, for failures that name a time relative to now. */
  readonly startedAt: number;
}

/** What a driver's `diagnose` gets of a process that said nothing useful on stdout. */
export interface Remains {
  readonly end: ProcessEnd;
  /** The last 8 KiB of stderr. */
  readonly stderr: string;
  readonly startedAt: number;
}
