/**
 * Room `mcp`: questions as `elicitation/create`, a request of ours to a host of the older era. A dialog outlives the
 * call that has opened it: the person's answer counts whenever it comes.
 *
 * @module
 */
import { answerIn, type QuestionForm, questionForm } from "./question_form.ts";
import type { AskOptions, Person, Verdict } from "./person.ts";
import { type OpenedQuestion, questionKey } from "./questions_at_the_desk.ts";

interface Dialog {
  readonly jobId: string;
  readonly verdict: Promise<Verdict>;
  readonly controller: AbortController;
}

/** Sends the form to the host and resolves with its answer; rejects when it has none, or `signal` is aborted. */
export type Elicit = (form: QuestionForm, signal: AbortSignal) => Promise<unknown>;

export class Dialogs implements Person {
  readonly #elicit: Elicit;
  readonly #open = new Map<string, Dialog>();
  readonly #declined = new Set<string>();

  constructor(elicit: Elicit) {
    this.#elicit = elicit;
  }

  mayBeAsked(opened: OpenedQuestion): boolean {
    return !this.#declined.has(questionKey(opened));
  }

  ask(questions: readonly OpenedQuestion[], options: AskOptions): readonly Promise<Verdict>[] {
    this.#withdraw(new Set(questions.map(questionKey)), options.jobIds);
    return questions.map((opened) => {
      const key = questionKey(opened);
      const dialog = this.#open.get(key) ?? this.#show(opened, options);
      this.#open.set(key, dialog);
      return dialog.verdict;
    });
  }

  #show(opened: OpenedQuestion, { answer }: AskOptions): Dialog {
    const key = questionKey(opened);
    const controller = new AbortController();
    const verdict = this.#elicit(questionForm(opened), controller.signal)
      // A host that fails to ask has no person for this question.
      .catch(() => null)
      .then(async (result): Promise<Verdict> => {
        this.#open.delete(key);
        if (controller.signal.aborted) return "settled";
        const given = answerIn(result, opened);
        if (given === null) {
          this.#declined.add(key);
          return "left_open";
        }
        // Somebody was quicker, or the job has ended.
        await answer(opened, given).catch(() => {});
        return "settled";
      });
    return { jobId: opened.job_id, verdict, controller };
  }

  /** Takes away the dialogs whose questions are open no longer. */
  #withdraw(open: ReadonlySet<string>, jobIds: readonly string[] | undefined): void {
    for (const [key, { jobId, controller }] of this.#open) {
      const isMeant = jobIds === undefined || jobIds.includes(jobId);
      if (isMeant && !open.has(key)) controller.abort();
    }
  }
}
