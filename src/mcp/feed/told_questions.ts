/**
 * Room `mcp`: the questions that this session's model has been told of, so that each ends a wait of its once.
 *
 * @module
 */
import { type Asking, questionKey } from "../../service/question_requests.ts";

/** Questions that are remembered; many more than can be open. */
const MOST = 1_000;

export class ToldQuestions {
  readonly #keys = new Set<string>();

  /** As a wait takes them. */
  get keys(): string[] {
    return [...this.#keys];
  }

  tell(asking: readonly Asking[]): void {
    for (const { job_id, questions } of asking) {
      for (const { question_id } of questions) this.#keys.add(questionKey(job_id, question_id));
    }
    for (const key of this.#keys) {
      if (this.#keys.size <= MOST) return;
      this.#keys.delete(key);
    }
  }
}
