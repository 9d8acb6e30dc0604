/**
 * Room `service`, part of `LocalService`: which questions are news to one who waits. A question ends a wait once, and
 * only the wait of somebody who may answer it.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import { type Job, openQuestions } from "../../domain/job/job.ts";
import type { CallOptions } from "../call.ts";
import type { CheckedRequest } from "../job_service.ts";
import { questionKey } from "../question_requests.ts";
import { answererOf, mayAnswer } from "./answer.ts";
import type { LocalDependencies } from "./dependencies.ts";

/** Feed entries read at a time. */
const FEED_PAGE = 200;

type Waiting = Pick<CheckedRequest<"wait">, "as" | "cursor" | "told" | "job_ids" | "questions_of">;

export class QuestionNews {
  readonly #told: Set<string>;
  /** Questions that were asked after the waiter's cursor; `null` where it has none, so that all count. */
  readonly #asked: Set<string> | null;
  #readTo: number;

  private constructor(
    private readonly waiting: Waiting,
    private readonly dependencies: LocalDependencies,
    private readonly answerer: Awaited<ReturnType<typeof answererOf>> | null,
  ) {
    this.#told = new Set(waiting.told ?? []);
    this.#asked = waiting.cursor === undefined ? null : new Set();
    this.#readTo = waiting.cursor ?? 0;
  }

  static async for(
    waiting: Waiting,
    dependencies: LocalDependencies,
    { caller }: CallOptions,
  ): Promise<QuestionNews> {
    const answerer = waiting.as === undefined ? null : await answererOf(waiting.as, caller, dependencies);
    return new QuestionNews(waiting, dependencies, answerer);
  }

  /** The jobs of which a wait for any job tells questions, as far as they are there. */
  async jobs(): Promise<Job[]> {
    const found = await Promise.all(
      (this.waiting.questions_of ?? []).map((id: JobId) => this.dependencies.store.get(id)),
    );
    return found.filter((job) => job !== null);
  }

  /** Those of `jobs` that ask something. */
  asking(jobs: readonly Job[]): Job[] {
    const { job_ids: ids, questions_of: those } = this.waiting;
    const isMeant = ({ id }: Job) => ids !== undefined || those?.includes(id) === true;
    return jobs.filter((job) => isMeant(job) && openQuestions(job).length > 0);
  }

  /** Whether one of `jobs` asks something that is news to this waiter. */
  async isAmong(jobs: readonly Job[]): Promise<boolean> {
    if (this.answerer === null) return false;
    for (const job of this.asking(jobs)) {
      if (!await this.#hasNews(job)) continue;
      if (await mayAnswer(job, this.answerer, this.dependencies)) return true;
    }
    return false;
  }

  async #hasNews(job: Job): Promise<boolean> {
    const keys = openQuestions(job).map(({ question_id }) => questionKey(job.id, question_id))
      .filter((key) => !this.#told.has(key));
    if (keys.length === 0 || this.#asked === null) return keys.length > 0;
    await this.#readOn(this.#asked);
    return keys.some((key) => this.#asked?.has(key));
  }

  async #readOn(asked: Set<string>): Promise<void> {
    for (;;) {
      const { entries, cursor } = await this.dependencies.store.feed(this.#readTo, {
        limit: FEED_PAGE,
        finishedOnly: true,
        withQuestions: true,
      });
      this.#readTo = cursor;
      for (const entry of entries) {
        for (const id of entry.asked ?? []) asked.add(questionKey(entry.job_id, id));
      }
      if (entries.length < FEED_PAGE) return;
    }
  }
}
