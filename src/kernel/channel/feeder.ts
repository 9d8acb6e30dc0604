/**
 * Room `kernel`: the process that hands a two-way agent's input on to it. It is no agent and no leftover. It ends by our
 * order, or with the agent; when it ends in any other way the channel was cut.
 *
 * @module
 */
import { ifOurs, PRIVATE_FILE_MODE, removeIfExists } from "../../system/files/files.ts";
import { isThere, readTextIfOurs } from "../../system/files/is_there.ts";
import type { Processes, ProcessIdentity } from "../../system/processes/processes.ts";
import type { TurnDirectory } from "../turn_directory.ts";

export class Feeder {
  readonly #turn: TurnDirectory;
  readonly #processes: Processes;
  #identity: ProcessIdentity | null = null;
  #isOrdered = false;

  constructor(turn: TurnDirectory, processes: Processes) {
    this.#turn = turn;
    this.#processes = processes;
  }

  /** Whether its end was ordered, by this daemon or an earlier one. */
  get isOrderedToEnd(): boolean {
    return this.#isOrdered ||= ifOurs(() => Deno.lstatSync(this.#turn.channelEndFile)) !== null;
  }

  /**
   * Whether it has begun and is gone without our order. It ends with the agent too, so the caller must know that the
   * agent was alive after this was asked.
   */
  isGone(): boolean {
    if (this.isOrderedToEnd) return false;
    const feeder = this.#read();
    return feeder !== null && !this.#processes.isAlive(feeder);
  }

  /** Whether the wrapper found it gone when the agent had ended, though nobody had ordered that. */
  wasCut(): boolean {
    return !this.isOrderedToEnd && ifOurs(() => Deno.lstatSync(this.#turn.cutFile)) !== null;
  }

  /**
   * Ends it, so that the agent comes to the end of its input. All that is in the file must have been taken by the agent:
   * what it has not read yet is lost. Durable: what a daemon that is killed has begun here, the next one finishes.
   */
  end(): void {
    if (!this.#isOrdered) {
      Deno.openSync(this.#turn.channelEndFile, { write: true, create: true, mode: PRIVATE_FILE_MODE })
        .close();
      this.#isOrdered = true;
    }
    const feeder = this.#read();
    if (feeder !== null && this.#processes.isAlive(feeder)) this.#processes.signal(feeder.pid, "SIGKILL");
  }

  #read(): ProcessIdentity | null {
    return this.#identity ??= readFeeder(this.#turn.feederFile, this.#processes);
  }
}

/** The feeder's process as its wrapper has recorded it; `null` when it has not, or the feeder is a part of it. */
export function readFeeder(path: string, processes: Processes): ProcessIdentity | null {
  const text = readTextIfOurs(path);
  if (text === null || !text.endsWith("\n")) return null;
  const [digits = "", startTime, bootId] = text.trimEnd().split(" ");
  const pid = Number(digits);
  if (!Number.isSafeInteger(pid) || pid < 1) return null;
  return startTime !== undefined && bootId !== undefined
    ? { pid, startTime, bootId }
    : processes.identify(pid);
}

/** Removes all files of a talk, of an attempt that started no agent. */
export function forgetTalk(turn: TurnDirectory): void {
  removeIfExists(turn.journalFile);
  removeChannel(turn);
}

/** Removes the files of a talk that only its running agent needs. */
export function removeChannel(turn: TurnDirectory): void {
  for (const path of [turn.channelFile, turn.feedFile, turn.feederFile, turn.channelEndFile, turn.cutFile]) {
    if (isThere(path)) ifOurs(() => removeIfExists(path));
  }
}
