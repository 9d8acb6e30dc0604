/**
 * Room `scheduler`: looks after the talk of a running turn: what is asked is in the job's record, and who schedules hears
 * when the agent only waits.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import { openQuestions } from "../../domain/job/job.ts";
import type { TurnWatchOptions } from "../turn/watch_options.ts";
import { commitQuestions } from "./commit_questions.ts";
import type { Conversation } from "./conversation.ts";

interface WatchedRun {
  readonly job: Job;
  readonly output: { readonly readBytes: number };
}

export class TalkWatch {
  readonly #run: WatchedRun;
  readonly #job: Job;
  readonly #talk: Conversation;
  readonly #options: TurnWatchOptions;
  /** Ids of the open questions in the job's record. */
  #told: string;
  #wasWaiting = false;
  /** Bytes of output at the last look. */
  #readBytes = 0;

  constructor(
    run: WatchedRun,
    talk: Conversation,
    options: TurnWatchOptions,
  ) {
    this.#run = run;
    this.#job = run.job;
    this.#talk = talk;
    this.#options = options;
    this.#told = idsOf(openQuestions(run.job));
  }

  /**
   * To be called after each reading of output.
   *
   * @param more whether there is more to read
   * @returns "cut" when the channel was found to have ended without our order: then the turn is to be ended
   */
  async tend(more: boolean): Promise<"cut" | null> {
    const { readBytes } = this.#run.output;
    this.#talk.tend({ more, hasPrinted: readBytes !== this.#readBytes, limits: this.#options.limits() });
    this.#readBytes = readBytes;
    const open = this.#talk.open;
    if (idsOf(open) !== this.#told) {
      const job = await commitQuestions(this.#job, open, this.#options);
      this.#options.onQuestions?.(job);
      this.#told = idsOf(open);
    }
    if (this.#talk.isWaiting !== this.#wasWaiting) {
      this.#wasWaiting = this.#talk.isWaiting;
      this.#options.onWaiting?.(this.#job.id);
    }
    return this.#talk.channel.isCut ? "cut" : null;
  }
}

function idsOf(questions: readonly { question_id: string }[]): string {
  return JSON.stringify(questions.map(({ question_id }) => question_id));
}
