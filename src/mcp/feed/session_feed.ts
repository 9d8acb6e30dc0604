/**
 * Room `mcp`: how far this session has come in the feed. A session's feed begins before its first job, so that no end
 * of its own is missed, however late it asks.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { CallOptions } from "../../service/call.ts";
import type { JobService } from "../../service/job_service.ts";
import { type Asking, questionKey } from "../../service/question_requests.ts";
import type { FeedPage, WaitRequest, WaitResult } from "../../service/read_requests.ts";
import type { Clock } from "../../system/clock.ts";

export interface SessionFeedOptions {
  service: Pick<JobService, "feed" | "wait">;
  clock: Clock;
}

/** Of which questions a wait hears. */
export type Hearing = Pick<WaitRequest, "as" | "told" | "questions_of">;

interface Asked<Answer> {
  answer: Answer;
  /** The cursor to go on from. */
  cursor: number;
  isNews: boolean;
  /** Whether another call has told this news. */
  isTold: boolean;
}

export class SessionFeed {
  readonly #options: SessionFeedOptions;
  #beginning: Promise<number> | undefined;
  /** The last end that was told, for each of the two ways to ask: they do not take from each other. */
  readonly #told = new Map<"one" | "all", number>();
  /** The turn of each job whose end a wait for that job has told. */
  readonly #toldApart = new Map<string, number>();

  constructor(options: SessionFeedOptions) {
    this.#options = options;
  }

  /** The feed's cursor when this was first asked. */
  beginning(): Promise<number> {
    // A failed reading is not kept: the next caller asks again.
    this.#beginning ??= this.#head().catch((error) => {
      this.#beginning = undefined;
      throw error;
    });
    return this.#beginning;
  }

  /** A wait for this one job has told its end: {@link nextEnd} passes it over. */
  hasTold({ job_id, turn }: Pick<JobResult, "job_id" | "turn">): void {
    this.#toldApart.set(job_id, turn);
  }

  /**
   * Waits for the next job to end of which neither such a call nor a wait for that job has told, or for a question that
   * `hearing` does not know: then nothing has ended and time is left. Each end is told
   * once, also to calls at the same time. A call that is given up, or runs out of time, has told of nothing.
   *
   * @throws {AgentAsyncError} `cancelled` when the call was given up.
   */
  nextEnd(
    timeoutSeconds: number,
    { hearing = {}, ...options }: CallOptions & { hearing?: Hearing },
  ): Promise<WaitResult> {
    return this.#next("one", timeoutSeconds, options, async (cursor, seconds) => {
      const request = { ...hearing, cursor, timeout_seconds: seconds };
      const result = await this.#options.service.wait(request, options);
      const [job] = result.jobs;
      // Time is up, or a question has ended the wait: which of those are known, `hearing` says.
      if (job === undefined) return { answer: result, cursor, isNews: false, isTold: false };
      const isTold = this.#toldApart.get(job.job_id) === job.turn;
      const isAsked = hearing.as !== undefined && hasNews(result.asking ?? [], hearing.told ?? []);
      if (!isTold || !isAsked) return { answer: result, cursor: result.cursor, isNews: true, isTold };
      // The end is known, but a question lies before it in the feed, which the next wait would pass over.
      return { answer: { ...result, jobs: [] }, cursor: result.cursor, isNews: true, isTold: false };
    });
  }

  /** As {@link nextEnd}, with all the ends that there are by then, as the feed has them. */
  nextEnds(
    timeoutSeconds: number,
    { withQuestions = false, ...options }: CallOptions & { withQuestions?: boolean },
  ): Promise<FeedPage> {
    return this.#next("all", timeoutSeconds, options, async (cursor, seconds) => {
      const request = {
        cursor,
        wait_seconds: seconds,
        finished_only: true,
        with_questions: withQuestions,
      };
      const page = await this.#options.service.feed(request, options);
      return { answer: page, cursor: page.cursor, isNews: page.notifications.length > 0, isTold: false };
    });
  }

  async #next<Answer>(
    way: "one" | "all",
    timeoutSeconds: number,
    { signal }: CallOptions,
    ask: (cursor: number, seconds: number) => Promise<Asked<Answer>>,
  ): Promise<Answer> {
    const { clock } = this.#options;
    const deadline = clock.steady() + timeoutSeconds * 1_000;
    const beginning = await this.beginning();
    for (;;) {
      const from = this.#told.get(way) ?? beginning;
      const seconds = Math.max(0, (deadline - clock.steady()) / 1_000);
      const { answer, cursor, isNews, isTold } = await ask(from, seconds);
      if (signal?.aborted === true) throw new AgentAsyncError("cancelled", "The call was given up");
      // Nothing ended: another call may go on from where this one began.
      if (!isNews) return answer;
      if ((this.#told.get(way) ?? beginning) === from) {
        this.#told.set(way, cursor);
        if (!isTold) return answer;
      }
      // This end was told before, or a call at the same time tells it: wait for the next one.
    }
  }

  async #head(): Promise<number> {
    return (await this.#options.service.feed({})).cursor;
  }
}

function hasNews(asking: readonly Asking[], told: readonly string[]): boolean {
  return asking.some(({ job_id, questions }) =>
    questions.some(({ question_id }) => !told.includes(questionKey(job_id, question_id)))
  );
}
