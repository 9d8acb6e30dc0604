/**
 * Room `agents`: Codex's tool `request_user_input`. It asks several things at once, each with suggestions, and wants the
 * answers by the id of each question.
 *
 * @module
 */
import * as z from "zod";
import type { Answer, AskedQuestion } from "../../../domain/question/question.ts";
import { questionDetail, questionTitle } from "../../reading/asked_text.ts";
import type { Asked, Response, Settlement } from "./asked.ts";
import type { Params } from "./messages.ts";

const UserQuestion = z.object({
  id: z.string(),
  header: z.string().catch(""),
  question: z.string(),
  /** Whether an answer may be none of the options. */
  isOther: z.boolean().catch(true),
  options: z.array(z.object({ label: z.string(), description: z.string().catch("") })).nullish().catch(null)
    .transform((options) => options ?? []),
});
type UserQuestion = z.infer<typeof UserQuestion>;

const Questions = z.object({ questions: z.array(UserQuestion).min(1) });

/** The option for an answer that is none of those offered. */
const OTHER = "other";

/** `null` for a request of a shape that is not known. */
export function askedUserInput(requestId: string, params: Params): Asked | null {
  const { data } = Questions.safeParse(params);
  return data === undefined ? null : new AskedUser(requestId, data.questions);
}

class AskedUser implements Asked {
  readonly #open = new Map<string, { asked: AskedQuestion; by: UserQuestion }>();
  readonly #answers: Record<string, { answers: string[] }> = {};

  constructor(requestId: string, questions: readonly UserQuestion[]) {
    for (const [index, by] of questions.entries()) {
      const id = questions.length === 1 ? requestId : `${requestId}.${index + 1}`;
      this.#open.set(id, { asked: asQuestion(id, by), by });
    }
  }

  get questions(): readonly AskedQuestion[] {
    return [...this.#open.values()].map(({ asked }) => asked);
  }

  /** What nobody answers is left out. */
  settle(questionId: string, settlement: Settlement): Response | null {
    const by = this.#open.get(questionId)?.by;
    if (by === undefined) return null;
    this.#open.delete(questionId);
    if (settlement !== "refused") this.#answers[by.id] = { answers: answersOf(by, settlement) };
    return this.#open.size > 0 ? null : { result: { answers: this.#answers } };
  }
}

/** In the words of Codex's own terminal, which notes what a person writes beside a choice. */
function answersOf({ options }: UserQuestion, { option, text }: Answer): string[] {
  const chosen = options[Number(option) - 1]?.label;
  const words = text?.trim() ?? "";
  if (options.length === 0) return [words];
  return [chosen ?? "None of the above", ...(words === "" ? [] : [`user_note: ${words}`])];
}

function asQuestion(id: string, { header, question, options, isOther }: UserQuestion): AskedQuestion {
  const lines = options.map(({ label, description }, index) =>
    `${index + 1}. ${label}${description === "" ? "" : `: ${description}`}`
  );
  return {
    question_id: id,
    kind: options.length > 0 ? "choice" : "text",
    title: questionTitle(question),
    detail: questionDetail([...(header === "" ? [] : [`[${header}]`]), question, ...lines].join("\n")),
    options: [
      ...options.map(({ label }, index) => ({ id: String(index + 1), label: questionTitle(label) })),
      ...(options.length > 0 && isOther ? [{ id: OTHER, label: "None of these (say what, in words)" }] : []),
    ],
  };
}
