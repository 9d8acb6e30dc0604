/**
 * Room `cli`, the monitor: keys while a question is answered. Rule of this file: nobody answers before the whole
 * question was on the screen.
 *
 * @module
 */
import { answerMeant } from "../jobs/answer_meant.ts";
import type { Reduced } from "./action.ts";
import type { Key } from "./keys.ts";
import { edited, EMPTY_LINE, textOf } from "./line_editor.ts";
import { type MonitorState, selectedJob } from "./monitor_state.ts";
import { type AnswerMode, lastTop, questionRoom, shownQuestion } from "./question_pane.ts";

/** Opens the first question of the selected job. */
export function askForAnswer(state: MonitorState): MonitorState {
  const job = selectedJob(state);
  if (job === undefined) return state;
  const [question] = state.details.get(job.job_id)?.questions ?? [];
  if (question === undefined) {
    const text = job.asking === undefined
      ? `Job ${job.job_id} asks nothing.`
      : "The question is being read ...";
    return { ...state, notice: { text, isError: false, until: Infinity } };
  }
  return opened(state, job.job_id, question.question_id);
}

function opened(state: MonitorState, jobId: string, questionId: string): MonitorState {
  const mode: AnswerMode = { kind: "answer", jobId, questionId, line: EMPTY_LINE, top: 0, seen: 0 };
  return { ...state, mode: scrolledTo(state, mode, 0) };
}

export function onAnswerKey(state: MonitorState, mode: AnswerMode, key: Key): Reduced {
  const question = shownQuestion(state, mode);
  const back: MonitorState = { ...state, mode: { kind: "browse" } };
  if (question === undefined) return { state: told(back, "It is answered already."), effects: [] };
  const page = Math.max(1, questionRoom(state).rows - 1);
  switch (key.kind === "named" ? key.name : "") {
    case "escape":
      return { state: back, effects: [] };
    case "up":
      return { state: { ...state, mode: scrolledTo(state, mode, mode.top - 1) }, effects: [] };
    case "down":
      return { state: { ...state, mode: scrolledTo(state, mode, mode.top + 1) }, effects: [] };
    case "page_up":
      return { state: { ...state, mode: scrolledTo(state, mode, mode.top - page) }, effects: [] };
    case "page_down":
      return { state: { ...state, mode: scrolledTo(state, mode, mode.top + page) }, effects: [] };
    case "enter":
      return submitted(state, mode);
    default:
      return { state: { ...state, mode: { ...mode, line: edited(mode.line, key) } }, effects: [] };
  }
}

function submitted(state: MonitorState, mode: AnswerMode): Reduced {
  const question = shownQuestion(state, mode);
  if (question === undefined) return { state, effects: [] };
  // What was not on the screen yet is shown first.
  if (mode.seen < lastTop(question, questionRoom(state))) {
    const page = Math.max(1, questionRoom(state).rows - 1);
    return { state: { ...state, mode: scrolledTo(state, mode, mode.seen + page) }, effects: [] };
  }
  const answer = answerMeant(textOf(mode.line), question);
  if (answer === null) return { state: { ...state, mode: { ...mode, line: EMPTY_LINE } }, effects: [] };
  const { jobId, questionId } = mode;
  return {
    state: { ...state, mode: { kind: "browse" } },
    effects: [{ type: "answer", jobId, questionId, answer }],
  };
}

function scrolledTo(state: MonitorState, mode: AnswerMode, top: number): AnswerMode {
  const question = shownQuestion(state, mode);
  if (question === undefined) return mode;
  const at = Math.min(lastTop(question, questionRoom(state)), Math.max(0, top));
  // Only what follows on what was seen is seen: a page at a time at most.
  return { ...mode, top: at, seen: Math.max(mode.seen, at) };
}

function told(state: MonitorState, text: string): MonitorState {
  return { ...state, notice: { text, isError: false, until: Infinity } };
}
