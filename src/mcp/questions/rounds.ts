/**
 * Room `mcp`: questions as `input_required` of revision 2026-07-28: the call ends, the host asks its person and makes
 * the call again with the answers. An answer counts only to what this process has asked, once.
 *
 * @module
 */
import type { Caller } from "../desk/modern/envelope.ts";
import { answerIn, questionForm } from "./question_form.ts";
import { type AskOptions, InputRequired, type Person, type Verdict } from "./person.ts";
import { type OpenedQuestion, questionKey } from "./questions_at_the_desk.ts";

/** Rounds that are remembered: a host that never comes back must not make this process grow. */
const MOST = 1_000;

/** Questions as what a host has to ask its person. */
export function inputRequests(questions: readonly OpenedQuestion[]): Record<string, unknown> {
  return Object.fromEntries(
    questions.map((opened) => [questionKey(opened), {
      method: "elicitation/create",
      params: { mode: "form", ...questionForm(opened) },
    }]),
  );
}

export class Rounds {
  /** What was asked in each round that has not come back, by its token. */
  readonly #asked = new Map<string, ReadonlySet<string>>();
  readonly #declined = new Set<string>();

  /** The person behind one call. */
  personOf(caller: Caller): Person {
    const asked = this.#takeRound(caller.requestState);
    return {
      mayBeAsked: (opened) => this.mayBeAsked(opened),
      ask: (questions, options) =>
        this.#ask(questions, { ...options, asked, responses: caller.inputResponses }),
    };
  }

  mayBeAsked(opened: OpenedQuestion): boolean {
    return !this.#declined.has(questionKey(opened));
  }

  /** Takes a host's response to one question. */
  async take(opened: OpenedQuestion, response: unknown, answer: AskOptions["answer"]): Promise<Verdict> {
    const given = answerIn(response, opened);
    if (given === null) {
      this.#declined.add(questionKey(opened));
      return "left_open";
    }
    // Somebody was quicker, or the job has ended.
    await answer(opened, given).catch(() => {});
    return "settled";
  }

  #ask(
    questions: readonly OpenedQuestion[],
    { answer, asked, responses }: AskOptions & {
      asked: ReadonlySet<string>;
      responses: Readonly<Record<string, unknown>>;
    },
  ): readonly Promise<Verdict>[] {
    const isAnswered = (opened: OpenedQuestion) => {
      const key = questionKey(opened);
      return asked.has(key) && Object.hasOwn(responses, key);
    };
    const verdicts = questions.filter(isAnswered)
      .map((opened) => this.take(opened, responses[questionKey(opened)], answer));
    const unanswered = questions.filter((opened) => !isAnswered(opened));
    if (unanswered.length > 0) throw this.#begin(unanswered);
    return verdicts;
  }

  #begin(questions: readonly OpenedQuestion[]): InputRequired {
    const requestState = crypto.randomUUID();
    this.#asked.set(requestState, new Set(questions.map(questionKey)));
    for (const token of this.#asked.keys()) {
      if (this.#asked.size <= MOST) break;
      this.#asked.delete(token);
    }
    return new InputRequired({
      resultType: "input_required",
      inputRequests: inputRequests(questions),
      requestState,
    });
  }

  /** What was asked in the round that a call comes back from; nothing where it is none of ours. */
  #takeRound(token: unknown): ReadonlySet<string> {
    const asked = typeof token === "string" ? this.#asked.get(token) : undefined;
    if (asked === undefined) return new Set();
    this.#asked.delete(String(token));
    return asked;
  }
}
