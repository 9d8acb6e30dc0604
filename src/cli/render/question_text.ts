/**
 * Room `cli`: a question as text for a person: all that it is about, before anybody answers.
 *
 * @module
 */
import { plainText } from "../../domain/event/transcript.ts";
import type { Question } from "../../domain/question/question.ts";
import type { Output } from "../io.ts";
import type { Style } from "./style.ts";
import { sentences } from "./wrap_words.ts";

export interface QuestionTextOptions {
  readonly style: Style;
  readonly output: Pick<Output, "isTerminal" | "columns">;
}

/** What stands before each line of the detail: it is the agent's, and no line of it looks like one of ours. */
const MARGIN = "  | ";

/** The title, the whole detail and the options, each ended by a newline. */
export function questionText(question: Question, { style, output }: QuestionTextOptions): string {
  const { title, detail, options } = question;
  return [
    `${style.bold(sentences(oneLine(title), output))}\n`,
    ...detailLines(detail, style).map((line) => `${line}\n`),
    ...options.map((option, index) => `${optionLine(option, index, style)}\n`),
  ].join("");
}

function optionLine({ id, label, kind }: Question["options"][number], index: number, style: Style): string {
  const name = oneLine(id);
  const same = oneLine(label) === name ? "" : ` ${style.dim(`(${name})`)}`;
  const paint = kind === "reject" ? style.red : kind === "allow" ? style.yellow : (text: string) => text;
  return `  ${style.bold(String(index + 1))}  ${paint(oneLine(label))}${same}`;
}

/** The lines of the detail, with the colours of a diff where they are one. */
export function detailLines(detail: string, style: Style): string[] {
  if (detail.trim() === "") return [];
  const lines = plainText(detail).trimEnd().split("\n");
  const isDiff = lines.some((line) => line.startsWith("@@"));
  return lines.map((line) => style.dim(MARGIN) + (isDiff ? paintedDiff(line, style) : line));
}

function paintedDiff(line: string, style: Style): string {
  if (line.startsWith("@@")) return style.cyan(line);
  if (line.startsWith("+")) return style.status("done", line);
  return line.startsWith("-") ? style.red(line) : line;
}

export function oneLine(text: string): string {
  return plainText(text).replace(/\s+/g, " ").trim();
}
