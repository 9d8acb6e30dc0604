/**
 * Room `scheduler`: keeps two launches of one turn apart. The second would prepare the same place, and remove the
 * channel that the first has made: its wrapper and its feeder would wait for each other for ever.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";

export class Launches {
  readonly #underWay = new Set<string>();

  /** Does nothing while a launch of this turn is under way: whoever has begun that one tries again should it fail. */
  async once({ id, turn }: Pick<Job, "id" | "turn">, launch: () => Promise<void>): Promise<void> {
    const key = `${id}/${turn}`;
    if (this.#underWay.has(key)) return;
    this.#underWay.add(key);
    try {
      await launch();
    } finally {
      this.#underWay.delete(key);
    }
  }
}
