/**
 * Room `agents`: how an agent's output is read, and what is left to judge when its process has ended.
 *
 * @module
 */
import type { EventBody } from "../domain/event/event_body.ts";
import type { AskedQuestion } from "../domain/question/question.ts";
import type { ProcessEnd, Terminal } from "../domain/turn/turn.ts";
import type { Usage } from "../domain/turn/usage.ts";

/** What one line of output, or its end, tells. */
export interface Reading {
  readonly events: readonly EventBody[];
  /** The agent's last word, if this was it. A later one overrides an earlier one. */
  readonly terminal?: Terminal;
  /** What is to be said to the agent upon it, in this order; only from two-way drivers. */
  readonly says?: readonly Saying[];
  /** What the agent asks; only from two-way drivers. */
  readonly asks?: readonly AskedQuestion[];
  /** Ids of questions that the agent asks no longer, though nobody has answered. */
  readonly withdraws?: readonly string[];
  /** What the agent has acknowledged, in its own words, of what was said; keys of {@link Saying}. */
  readonly heard?: readonly string[];
  /** What became of steers, by the key of their input. */
  readonly steered?: readonly Steered[];
  /** The agent has begun to work again after a last word, and another one will follow. */
  readonly resumes?: true;
}

/** One line that a two-way driver says to its agent. */
export interface Saying {
  /**
   * From the agent's own id of what it answers, or from the input that brought it, never from a counter: what was said
   * under a key is not said again.
   */
  readonly key: string;
  /** Without its newline. */
  readonly line: string;
  /**
   * Whether the agent says in its own words that it has taken the line, so that its key will be among `heard`. The
   * channel stays open until then.
   */
  readonly isAcknowledged: boolean;
}

/**
 * `injected`: the running model call goes on with it. `queued`: the agent takes it after the command that runs.
 * `refused`: it was not taken, and becomes the next turn.
 */
export interface Steered {
  readonly key: string;
  readonly how: "injected" | "queued" | "refused";
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
