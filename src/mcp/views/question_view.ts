/**
 * Room `mcp`: an agent's questions as a model gets them: title, detail and labels are the agent's words, and fenced.
 *
 * @module
 */
import type { Question, QuestionOption } from "../../domain/question/question.ts";
import type { Asking } from "../../service/question_requests.ts";
import type { HostToolNames } from "../host_tool_names.ts";
import type { ToolWords } from "../tool_words.ts";
import { cutEnd, fence, type Fenced, quoted } from "./fence.ts";

/** What the words about a question depend on. */
export interface QuestionPlaces {
  readonly words: ToolWords;
  readonly hostNames?: HostToolNames | undefined;
  readonly fenced: Fenced;
  /** Whether only a person may answer. */
  readonly isForPerson?: boolean | undefined;
}

/** An id that cannot hold a sentence. The others are an agent's words as well. */
const NAME = /^[\w.:-]{1,80}$/;

/** Options that are shown; no agent offers a dozen. */
const OPTIONS_SHOWN = 30;

/** @param chars most characters of the detail; with 0 only what identifies the question is shown. */
export function questionView(
  question: Question,
  chars: number,
  { fenced }: Pick<QuestionPlaces, "fenced">,
): Record<string, unknown> {
  const { question_id, kind, title, detail, options } = question;
  const head = { question_id: shownId(question_id, fenced), kind };
  if (chars === 0) return head;
  return {
    ...head,
    title: fenced(title),
    ...(detail === "" ? {} : { detail: cutEnd(detail, chars, WHOLE_DETAIL, fenced) }),
    ...(options.length === 0 ? {} : {
      options: options.slice(0, OPTIONS_SHOWN).map((option, index) => optionView(option, index, fenced)),
    }),
  };
}

/** The id as it is, or between marks where it could hold a sentence of the agent's. */
export function shownId(id: string, fenced: Fenced): string {
  return NAME.test(id) ? id : fenced(id);
}

const WHOLE_DETAIL = "the job's transcript has all of it";

function optionView({ id, label, kind }: QuestionOption, index: number, fenced: Fenced) {
  return {
    id: optionName(id, index),
    ...(label === id && NAME.test(id) ? {} : { label: fenced(label) }),
    ...(kind === undefined ? {} : { kind }),
  };
}

/** What to answer with: the option's id, or its place among the options where the id is a sentence of the agent's. */
function optionName(id: string, index: number): string {
  return NAME.test(id) ? id : String(index + 1);
}

/** The question for readers of text. */
export function questionText(jobId: string, question: Question, chars: number): string {
  const { question_id, kind, title, detail, options } = question;
  const id = NAME.test(question_id) ? question_id : quoted(question_id, 80);
  const head = `Job ${jobId} asks (${kind}, question_id ${id})`;
  if (chars === 0) return head;
  const choices = options.slice(0, OPTIONS_SHOWN).map(({ id, label, kind }, index) =>
    `${optionName(id, index)}: ${quoted(label, 200)}${kind === undefined ? "" : ` (${kind})`}`
  );
  return [
    `${head}: ${quoted(title, 300)}`,
    ...(detail === "" ? [] : [fence("what it is about", cutEnd(detail, chars, WHOLE_DETAIL))]),
    ...(choices.length === 0 ? [] : [`Options: ${choices.join("; ")}`]),
  ].join("\n");
}

/** What to do about the questions of a job. */
export function howToAnswer(jobId: string, { words, hostNames, isForPerson }: QuestionPlaces): string {
  const tool = isForPerson === true ? undefined : words.toolFor("job_answer");
  return tool === undefined
    ? `Only a person can answer here: tell your user to run \`agent-async answer ${jobId}\` in a terminal.`
    : `Answer with ${hostNames?.nameOf(tool) ?? tool}, or ask your user what to answer.`;
}

/** What one job asks, and what to do about it. */
export function askingView(
  { job_id, questions }: Asking,
  chars: number,
  places: QuestionPlaces,
): Record<string, unknown> {
  return {
    job_id,
    questions: questions.map((question) => questionView(question, chars, places)),
    next: howToAnswer(job_id, places),
  };
}

export function askingText({ job_id, questions }: Asking, chars: number, places: QuestionPlaces): string {
  return [
    ...questions.map((question) => questionText(job_id, question, chars)),
    howToAnswer(job_id, places),
  ].join("\n");
}
