/**
 * Room `agents`: what an agent's tool asks its user, several things at once, each with suggestions.
 *
 * @module
 */
import type { AskedQuestion } from "../../domain/question/question.ts";
import { questionDetail, questionTitle } from "./asked_text.ts";

/** The option for an answer that is none of those offered. */
const OTHER = "other";

interface UserQuestion {
  readonly header: string;
  readonly question: string;
  readonly options: readonly {
    readonly label: string;
    readonly description: string;
    readonly preview?: string;
  }[];
  /** Whether one of the options is to be chosen; else the answer is in words. */
  readonly isChoice: boolean;
  /** Whether a choice may be none of the options. */
  readonly hasOther: boolean;
  /** How to answer, below the options. */
  readonly advice?: string;
}

/** The options are numbered from 1, and their ids are these numbers. */
export function userQuestion(id: string, asked: UserQuestion): AskedQuestion {
  const { header, question, options, isChoice, hasOther, advice } = asked;
  const lines = options.flatMap(({ label, description, preview = "" }, index) => [
    `${index + 1}. ${label}${description === "" ? "" : `: ${description}`}`,
    ...(preview === "" ? [] : [preview]),
  ]);
  return {
    question_id: id,
    kind: isChoice ? "choice" : "text",
    title: questionTitle(question),
    detail: questionDetail(
      [
        ...(header === "" ? [] : [`[${header}]`]),
        question,
        ...lines,
        ...(advice === undefined ? [] : [advice]),
      ]
        .join("\n"),
    ),
    options: [
      ...options.map(({ label }, index) => ({ id: String(index + 1), label: questionTitle(label) })),
      ...(isChoice && hasOther ? [{ id: OTHER, label: "None of these (say what, in words)" }] : []),
    ],
  };
}

/** The questions of one request that are not settled yet. */
export class OpenQuestions<Question> {
  readonly #open = new Map<string, { asked: AskedQuestion; by: Question }>();

  constructor(
    requestId: string,
    questions: readonly Question[],
    asQuestion: (id: string, question: Question) => AskedQuestion,
  ) {
    for (const [index, by] of questions.entries()) {
      const id = questions.length === 1 ? requestId : `${requestId}.${index + 1}`;
      this.#open.set(id, { asked: asQuestion(id, by), by });
    }
  }

  get asked(): readonly AskedQuestion[] {
    return [...this.#open.values()].map(({ asked }) => asked);
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** @returns the question in the agent's words, which is settled now; `undefined` when none of that id is open. */
  take(id: string): Question | undefined {
    const by = this.#open.get(id)?.by;
    this.#open.delete(id);
    return by;
  }
}
