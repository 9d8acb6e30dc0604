/**
 * Room `scheduler`: what the output of a turn is made from, and the last word that is found in it.
 *
 * @module
 */
import type { TurnReader } from "../../agents/turn_reader.ts";
import type { Terminal } from "../../domain/turn/turn.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { Clock } from "../../system/clock.ts";
import type { TurnTalk } from "../talk/turn_talk.ts";

/** How the agent itself says that the turn ended. */
export interface LastWord {
  word: Terminal;
  /** Where its line begins, in bytes. */
  offset: number;
}

export interface TurnOutputOptions {
  turn: number;
  /** stdout of the agent. */
  rawFile: string;
  /** stderr of the agent; only some readers read it. */
  errorFile: string;
  directory: JobDirectory;
  /** Reads a one-way turn. */
  reader: TurnReader;
  /** The talk of a two-way turn, which reads it instead. It is not closed here. */
  talk?: TurnTalk | null;
  clock: Clock;
}
