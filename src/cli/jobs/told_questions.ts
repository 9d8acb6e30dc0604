/**
 * Room `cli`: telling the person who waits what the jobs ask, each question once, and where it is answered.
 *
 * @module
 */
import { type Asking, questionKey } from "../../service/question_requests.ts";
import { type Context, tell } from "../context.ts";
import { questionText } from "../render/question_text.ts";
import { styleFor } from "../render/style.ts";

export class ToldQuestions {
  readonly #keys = new Set<string>();

  /** As a wait takes them; newest last. */
  get keys(): string[] {
    return [...this.#keys].slice(-1_000);
  }

  async tell(asking: readonly Asking[], context: Context): Promise<void> {
    const { stderr, env } = context.io;
    for (const { job_id, questions } of asking) {
      const news = questions.filter(({ question_id }) => !this.#keys.has(questionKey(job_id, question_id)));
      for (const question of news) {
        this.#keys.add(questionKey(job_id, question.question_id));
        const style = styleFor(stderr, env);
        // A progress line may be in the way.
        if (stderr.isTerminal) await stderr.write("\r\x1b[2K");
        await stderr.write(`${style.dim("--")} Job ${job_id} asks:\n`);
        await stderr.write(questionText(question, { style, output: stderr }));
      }
      if (news.length > 0) await tellWhere(job_id, context);
    }
  }
}

/** Where a question of this job is answered. */
export function tellWhere(jobId: string, context: Context): Promise<void> {
  return tell(context, `Answer it: agent-async answer ${jobId}`);
}
