/**
 * Room `cli`, the monitor: the selected job and its transcript.
 *
 * @module
 */
import { jobLine } from "../../domain/job/job_line.ts";
import type { Brief } from "../../domain/job/result.ts";
import { commandWords } from "../render/command_words.ts";
import { homePath } from "../render/home_path.ts";
import { retryText } from "../render/time.ts";
import { cutToWidth, displayWidth, wrapToWidth } from "../render/width.ts";
import { figuresText, situationText, timeText } from "./job_facts_text.ts";
import { layoutOf } from "./layout.ts";
import { lineText, oneLine, type Paint, type Span, spansWidth } from "./line.ts";
import { type MonitorState, selectedJob, shownText } from "./monitor_state.ts";
import { glyphOf, type Palette, paletteFor } from "./palette.ts";
import { type Size, windowRows } from "./transcript.ts";
import { rowPaint } from "./transcript_paint.ts";

/** The pane of the selected job: at most `size.rows` lines, none when no job is selected. */
export function detailPane(state: MonitorState, size: Size, palette: Palette): string[] {
  const job = selectedJob(state);
  if (job === undefined) return [];
  const head = headLines(job, state, size.columns, palette);
  const window = { columns: size.columns - 1, rows: size.rows - head.length };
  return [...head, ...transcriptLines(state, window, palette)].slice(0, size.rows);
}

/** A palette without colours, for measuring: colours take no cells. */
const PLAIN = paletteFor({ NO_COLOR: "1" });

/** Columns and rows of the transcript, below the head of its job; 0 where it is not shown. */
export function transcriptSize(state: MonitorState): Size {
  const layout = layoutOf(state);
  const job = selectedJob(state);
  if (job === undefined || !("detail" in layout)) return { columns: 0, rows: 0 };
  const { columns, rows } = layout.detail;
  return { columns: columns - 1, rows: Math.max(0, rows - headLines(job, state, columns, PLAIN).length) };
}

/** The lines above the transcript: title, prompt, figures and what went wrong. Colours do not change their number. */
function headLines(job: Brief, state: MonitorState, columns: number, palette: Palette): string[] {
  const detail = state.details.get(job.job_id);
  const lines: Span[][] = [titleSpans(job, state, columns, palette)];
  const asked = detail?.prompt ?? job.prompt;
  const prompt = wrapToWidth(
    oneLine(job.title === undefined ? asked : `${jobLine(job)}: ${asked}`),
    columns - 1,
  );
  const promptRows = state.isOpen ? 4 : 1;
  for (const [index, text] of prompt.slice(0, promptRows).entries()) {
    const isCut = index === promptRows - 1 && prompt.length > promptRows;
    lines.push([[isCut ? ` ${text}…` : ` ${text}`, palette.bold]]);
  }
  const now = job.finished_at === null ? [situationText(job, state)] : [];
  const figures = [...now, ...(detail === undefined ? [] : [figuresText(detail)])].join(" · ");
  if (figures !== "") lines.push([[` ${figures}`, palette.dim]]);
  if (detail !== undefined) {
    const trouble: [string | undefined, Paint][] = [
      [detail.error, palette.red],
      ...(detail.evidence?.doubts ?? []).map((doubt): [string, Paint] => [doubt, palette.yellow]),
      [detail.hint === undefined ? undefined : commandWords(detail.hint), palette.cyan],
      [
        detail.retry_at === undefined ? undefined : retryText(detail.retry_at, state.now),
        palette.cyan,
      ],
    ];
    for (const [text, paint] of trouble) {
      if (text === undefined) continue;
      const rows = wrapToWidth(oneLine(text), columns - 1).slice(0, state.isOpen ? 4 : 2);
      lines.push(...rows.map((row): Span[] => [[` ${row}`, paint]]));
    }
  }
  return lines.map((spans) => lineText(spans, columns));
}

function titleSpans(job: Brief, state: MonitorState, columns: number, palette: Palette): Span[] {
  const status: Paint = (text) => palette.status(job.status, text);
  const isEnded = job.finished_at !== null;
  const outcome = job.status === "error" ? job.reason ?? job.status : job.status;
  const spans: Span[] = [
    ["── ", palette.dim],
    [`${glyphOf(job.status)} ${job.job_id}`, (text) => status(palette.bold(text))],
    [` ${oneLine(job.agent)} `],
    [`${outcome} `, status],
    [`${isEnded ? "" : "for "}${timeText(job, state)} `, palette.dim],
  ];
  const path = cutToWidth(homePath(job.cwd, state.home), columns - spansWidth(spans) - PATH_FRAME);
  const rule = Math.max(0, columns - spansWidth(spans) - (path === "" ? 0 : displayWidth(path) + 4));
  return [...spans, [`${"─".repeat(rule)}${path === "" ? "" : ` ${path} ──`}`, palette.dim]];
}

/** Cells around a path at the end of a rule: something of the rule, two spaces and two of the rule again. */
const PATH_FRAME = 6;

function transcriptLines(state: MonitorState, size: Size, palette: Palette): string[] {
  const transcript = shownText(state);
  const { anchor } = state;
  if (size.rows <= 0 || transcript === null || transcript.jobId !== state.selected) return [];
  const isEmpty = transcript.lines.every((line) => line === "");
  if (isEmpty) {
    return transcript.isRead ? [lineText([[" Nothing has been said yet.", palette.dim]], size.columns)] : [];
  }
  return windowRows(transcript, anchor, size).map(({ line, text }) => {
    return ` ${lineText([[text, rowPaint(line, palette)]], size.columns)}`;
  });
}
