/**
 * Room `scheduler`: how the channel to an agent ends: by our order, or cut.
 *
 * @module
 */
import { Feeder } from "../../kernel/channel/feeder.ts";
import type { TurnDirectory } from "../../kernel/turn_directory.ts";
import type { TurnProcess } from "../../kernel/turn_process.ts";
import type { Clock } from "../../system/clock.ts";
import type { Processes } from "../../system/processes/processes.ts";

/** Ms between two looks whether the feeder is still there. */
const LOOK_MS = 1_000;

export interface ChannelEndOptions {
  files: TurnDirectory;
  process: TurnProcess;
  processes: Processes;
  clock: Clock;
}

export class ChannelEnd {
  readonly #options: ChannelEndOptions;
  readonly #feeder: Feeder;
  #isCut = false;
  #lookedAt = 0;

  constructor(options: ChannelEndOptions) {
    this.#options = options;
    this.#feeder = new Feeder(options.files, options.processes);
  }

  /** Whether it ended without our order, as far as is known while the agent runs. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** The same of an agent that has ended. */
  get wasCut(): boolean {
    return this.#isCut || this.#feeder.wasCut();
  }

  /** Whether our order to end was given. */
  get isOrdered(): boolean {
    return this.#feeder.isOrderedToEnd;
  }

  /** Looks after the channel. @param mayEnd whether all is said and heard; then it is ended */
  mind(mayEnd: boolean): void {
    if (this.isOrdered || this.#isCut) return;
    const { clock, process } = this.#options;
    if (!mayEnd && clock.steady() - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = clock.steady();
    // In this order: the feeder ends with the agent as well. Where both are gone, the wrapper has noted which was first.
    if (this.#feeder.isGone()) this.#isCut = process.agent() !== null;
    else if (mayEnd) this.#feeder.end();
  }

  /** Ends it, unless it has ended already; what the agent has not read by now is lost. */
  end(): void {
    if (!this.#feeder.isGone()) this.#feeder.end();
  }
}
