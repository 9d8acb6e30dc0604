/**
 * Room `cli`, the monitor: a question on the whole screen, with all its detail, before it is answered.
 *
 * @module
 */
import type { Question } from "../../domain/question/question.ts";
import { plainText } from "../../domain/event/transcript.ts";
import { wrapToWidth } from "../render/width.ts";
import { FRAME_ROWS } from "./layout.ts";
import { lineText, oneLine, type Paint, type Span } from "./line.ts";
import type { Mode, MonitorState } from "./monitor_state.ts";
import type { Palette } from "./palette.ts";
import type { Size } from "./transcript.ts";

export type AnswerMode = Extract<Mode, { kind: "answer" }>;

/** The question that is being answered; `undefined` when it is open no longer. */
export function shownQuestion(state: MonitorState, mode: AnswerMode): Question | undefined {
  return state.details.get(mode.jobId)?.questions?.find(({ question_id }) => question_id === mode.questionId);
}

/** Rows of the pane that the question scrolls in. */
export function questionRoom({ size }: MonitorState): Size {
  return { columns: size.columns, rows: Math.max(0, size.rows - FRAME_ROWS) };
}

/** The first row that can stand at the top: below it the question ends with the pane. */
export function lastTop(question: Question, size: Size): number {
  return Math.max(0, questionRows(question, size.columns).length - size.rows);
}

export function questionPane(state: MonitorState, mode: AnswerMode, palette: Palette): string[] {
  const size = questionRoom(state);
  const question = shownQuestion(state, mode);
  if (question === undefined) return [];
  const rows = questionRows(question, size.columns);
  return rows.slice(mode.top, mode.top + size.rows).map(([text, paint]) => {
    return lineText([[text, paint(palette)]], size.columns);
  });
}

type Row = readonly [text: string, paint: (palette: Palette) => Paint];

const plain = (): Paint => (text) => text;

/** Title, options and detail: the options first, since a long detail is what one scrolls through. */
function questionRows({ title, detail, options }: Question, columns: number): Row[] {
  const isDiff = /^@@/m.test(detail);
  const wrapped = (text: string, indent: string, paint: Row[1]): Row[] =>
    wrapToWidth(text, columns - indent.length - 1).map((row) => [`${indent}${row}`, paint]);
  return [
    ...wrapped(oneLine(title), " ", (palette) => palette.bold),
    ...options.flatMap(({ id, label, kind }, index) => {
      const name = oneLine(id) === oneLine(label) ? "" : ` (${oneLine(id)})`;
      return wrapped(`${index + 1}  ${oneLine(label)}${name}`, "   ", (palette) => {
        return kind === "reject" ? palette.red : kind === "allow" ? palette.yellow : plain();
      });
    }),
    ["", plain],
    ...(detail.trim() === "" ? [] : plainText(detail).trimEnd().replaceAll("\t", "    ").split("\n"))
      .flatMap((line) => wrapped(line, " | ", isDiff ? (palette) => diffPaint(line, palette) : plain)),
  ];
}

function diffPaint(line: string, palette: Palette): Paint {
  if (line.startsWith("@@")) return palette.cyan;
  if (line.startsWith("+")) return (text) => palette.status("done", text);
  return line.startsWith("-") ? palette.red : (text) => text;
}

/** What the footer says before what is typed. */
export function answerLabel(question: Question | undefined): Span {
  const most = question?.options.length ?? 0;
  const says = question?.kind === "text" ? "answer in words" : most > 1 ? `answer (1-${most})` : "answer (1)";
  return [` ${says}, esc leaves it open: `];
}
