/**
 * Room `agents`: Codex's tool `request_user_input`. It asks several things at once, each with suggestions, and wants the
 * answers by the id of each question.
 *
 * @module
 */
import * as z from "zod";
import type { Answer, AskedQuestion } from "../../../domain/question/question.ts";
import { OpenQuestions, userQuestion } from "../../reading/user_questions.ts";
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

/** `null` for a request of a shape that is not known. */
export function askedUserInput(requestId: string, params: Params): Asked | null {
  const { data } = Questions.safeParse(params);
  return data === undefined ? null : new AskedUser(requestId, data.questions);
}

class AskedUser implements Asked {
  readonly #open: OpenQuestions<UserQuestion>;
  readonly #answers: Record<string, { answers: string[] }> = {};

  constructor(requestId: string, questions: readonly UserQuestion[]) {
    this.#open = new OpenQuestions(requestId, questions, asQuestion);
  }

  get questions(): readonly AskedQuestion[] {
    return this.#open.asked;
  }

  /** What nobody answers is left out. */
  settle(questionId: string, settlement: Settlement): Response | null {
    const by = this.#open.take(questionId);
    if (by === undefined) return null;
    if (settlement !== "refused") this.#answers[by.id] = { answers: answersOf(by, settlement) };
    return !this.#open.isEmpty ? null : { result: { answers: this.#answers } };
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
  return userQuestion(id, { header, question, options, isChoice: options.length > 0, hasOther: isOther });
}
