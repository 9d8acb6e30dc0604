/**
 * Room `agents`: Claude Code's tool `AskUserQuestion`. It asks one to four things at once, and its answers are put into
 * the arguments of the call, by the text of each question.
 *
 * @module
 */
import * as z from "zod";
import type { Answer, AskedQuestion } from "../../../domain/question/question.ts";
import { questionDetail, questionTitle } from "../../reading/asked_text.ts";
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

/** The option for an answer that is none of those offered, which the tool promises its model. */
const OTHER = "other";

/** `null` for any other tool, and for arguments of a shape that is not known. */
export function askedUserQuestions(requestId: string, request: ToolRequest): Asked | null {
  if (request.tool_name !== "AskUserQuestion") return null;
  const parsed = Questions.safeParse(request.input);
  return parsed.success ? new AskedUser(requestId, request, parsed.data.questions) : null;
}

class AskedUser implements Asked {
  readonly requestId: string;
  readonly #request: ToolRequest;
  readonly #open = new Map<string, { asked: AskedQuestion; by: UserQuestion }>();
  readonly #answers: Record<string, string> = {};
  readonly #annotations: Record<string, { notes: string }> = {};
  #isAnswered = false;

  constructor(requestId: string, request: ToolRequest, questions: readonly UserQuestion[]) {
    this.requestId = requestId;
    this.#request = request;
    for (const [index, by] of questions.entries()) {
      const id = questions.length === 1 ? requestId : `${requestId}.${index + 1}`;
      this.#open.set(id, { asked: asQuestion(id, by), by });
    }
  }

  get questions(): readonly AskedQuestion[] {
    return [...this.#open.values()].map(({ asked }) => asked);
  }

  settle(questionId: string, settlement: Settlement): Response | null {
    const by = this.#open.get(questionId)?.by;
    if (by === undefined) return null;
    this.#open.delete(questionId);
    if ("answer" in settlement) this.#note(by, settlement.answer);
    else this.#answers[by.question] = `(not answered: ${settlement.why})`;
    if (this.#open.size > 0) return null;
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

function asQuestion(id: string, { question, header, options, multiSelect }: UserQuestion): AskedQuestion {
  const lines = options.flatMap(({ label, description, preview }, index) => [
    `${index + 1}. ${label}${description === "" ? "" : `: ${description}`}`,
    ...(preview === "" ? [] : [preview]),
  ]);
  const several = "Several may be chosen: answer with their numbers or names, separated by commas.";
  const isChoice = options.length > 0 && !multiSelect;
  return {
    question_id: id,
    kind: isChoice ? "choice" : "text",
    title: questionTitle(question),
    detail: questionDetail(
      [...(header === "" ? [] : [`[${header}]`]), question, ...lines, ...(multiSelect ? [several] : [])]
        .join("\n"),
    ),
    options: [
      ...options.map(({ label }, index) => ({ id: String(index + 1), label: questionTitle(label) })),
      ...(isChoice ? [{ id: OTHER, label: "None of these (say what, in words)" }] : []),
    ],
  };
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
