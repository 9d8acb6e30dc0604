/**
 * Room `agents`: Claude Code's tool `AskUserQuestion`. It asks one to four things at once, and its answers are put into
 * the arguments of the call, by the text of each question.
 *
 * @module
 */
import * as z from "zod";
import type { Answer, AskedQuestion } from "../../../domain/question/question.ts";
import { OpenQuestions, userQuestion } from "../../reading/user_questions.ts";
import type { Asked, Response, Settlement } from "./asked.ts";
import type { ToolRequest } from "./lines.ts";

const Option = z.object({
  label: z.string(),
  description: z.string().catch(""),
  /** A sketch of what the option means. */
  preview: z.string().catch(""),
});

const UserQuestion = z.object({
  question: z.string(),
  header: z.string().catch(""),
  options: z.array(Option).catch([]),
  multiSelect: z.boolean().catch(false),
});
type UserQuestion = z.infer<typeof UserQuestion>;

const Questions = z.object({ questions: z.array(UserQuestion).min(1) });

/** `null` for any other tool, and for arguments of a shape that is not known. */
export function askedUserQuestions(requestId: string, request: ToolRequest): Asked | null {
  if (request.tool_name !== "AskUserQuestion") return null;
  const parsed = Questions.safeParse(request.input);
  return parsed.success ? new AskedUser(requestId, request, parsed.data.questions) : null;
}

class AskedUser implements Asked {
  readonly requestId: string;
  readonly #request: ToolRequest;
  readonly #open: OpenQuestions<UserQuestion>;
  readonly #answers: Record<string, string> = {};
  readonly #annotations: Record<string, { notes: string }> = {};
  #isAnswered = false;

  constructor(requestId: string, request: ToolRequest, questions: readonly UserQuestion[]) {
    this.requestId = requestId;
    this.#request = request;
    this.#open = new OpenQuestions(requestId, questions, asQuestion);
  }

  get questions(): readonly AskedQuestion[] {
    return this.#open.asked;
  }

  settle(questionId: string, settlement: Settlement): Response | null {
    const by = this.#open.take(questionId);
    if (by === undefined) return null;
    if ("answer" in settlement) this.#note(by, settlement.answer);
    else this.#answers[by.question] = `(not answered: ${settlement.why})`;
    if (!this.#open.isEmpty) return null;
    const { input, tool_use_id: id } = this.#request;
    if (!this.#isAnswered && "why" in settlement) {
      const message = `Nobody answered: ${settlement.why}. Decide by yourself, or say what you need to know.`;
      return { response: { behavior: "deny", message }, rejectedCall: id };
    }
    const notes = Object.keys(this.#annotations).length === 0 ? {} : { annotations: this.#annotations };
    return {
      response: { behavior: "allow", updatedInput: { ...input, answers: this.#answers, ...notes } },
    };
  }

  #note(by: UserQuestion, answer: Answer): void {
    this.#isAnswered = true;
    const chosen = by.options[Number(answer.option) - 1]?.label;
    const words = answer.text?.trim() ?? "";
    if (chosen === undefined) {
      this.#answers[by.question] = by.multiSelect ? labelsIn(words, by) : words || "None of these";
      return;
    }
    this.#answers[by.question] = chosen;
    if (words !== "") this.#annotations[by.question] = { notes: words };
  }
}

/** The tool promises its model that an answer may be none of the options. */
function asQuestion(id: string, { header, question, options, multiSelect }: UserQuestion): AskedQuestion {
  const several = "Several may be chosen: answer with their numbers or names, separated by commas.";
  return userQuestion(id, {
    header,
    question,
    options,
    isChoice: options.length > 0 && !multiSelect,
    hasOther: true,
    ...(multiSelect ? { advice: several } : {}),
  });
}

/** The options that an answer in words names, by number or name; the words themselves where it names others. */
function labelsIn(words: string, { options }: UserQuestion): string {
  const named = (part: string) =>
    options[Number(part) - 1]?.label ??
      options.find(({ label }) => label.toLowerCase() === part.toLowerCase())?.label;
  const parts = named(words) === undefined ? words.split(/[,;\n]/).map((part) => part.trim()) : [words];
  const labels = parts.filter((part) => part !== "").map(named);
  return labels.length > 0 && labels.every((label) => label !== undefined) ? labels.join(", ") : words;
}
