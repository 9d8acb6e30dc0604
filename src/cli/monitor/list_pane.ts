/**
 * Room `cli`, the monitor: the list of jobs.
 *
 * @module
 */
import { jobLine } from "../../domain/job/job_line.ts";
import type { Brief } from "../../domain/job/result.ts";
import { cutToWidth, displayWidth, fitToWidth } from "../render/width.ts";
import { situationText, timeText } from "./job_facts_text.ts";
import { fullLineText, lineText, oneLine, type Span } from "./line.ts";
import { type MonitorState, shownJobs } from "./monitor_state.ts";
import { ASKING_GLYPH, glyphOf, type Palette } from "./palette.ts";
import type { Size } from "./transcript.ts";

type Entry =
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "gap" }
  | { readonly kind: "job"; readonly job: Brief };

/** Cells of the fixed columns. */
const ID = 8;
const AGENT = { least: 6, most: 12 };
const TIME = 9;

/** The list of jobs in at most `size.rows` lines, the selected job among them. */
export function listPane(state: MonitorState, size: Size, palette: Palette): string[] {
  const entries = entriesOf(state);
  if (entries.length === 0) return emptyList(state, size, palette);
  const jobs = entries.flatMap((entry) => entry.kind === "job" ? [entry.job] : []);
  const widths = widthsOf(jobs, size.columns);
  const begin = firstShown(entries, state.selected, size.rows);
  const shown = entries.slice(begin, begin + size.rows);
  // A heading that is the last line would have no job below it: it is left out.
  const end = shown.findLastIndex(({ kind }) => kind === "job") + 1;
  return shown.slice(0, end).map((entry) => {
    switch (entry.kind) {
      case "gap":
        return "";
      case "heading":
        return lineText([[` ${entry.text}`, palette.bold]], size.columns);
      case "job": {
        const spans = jobSpans(entry.job, state, widths, palette);
        if (entry.job.job_id !== state.selected) return lineText(spans, size.columns);
        // Colours inside of a reversed line would become backgrounds of their own.
        return palette.reverse(fullLineText(spans.map(([text]) => [text]), size.columns)).trimEnd();
      }
    }
  });
}

function entriesOf(state: MonitorState): Entry[] {
  const { running, pending, finished } = shownJobs(state);
  const more = state.pendingCount - state.pending.length;
  const waiting = more > 0 ? `Waiting (and ${more} more)` : "Waiting";
  const parts: [string, readonly Brief[]][] = [["Running", running], [waiting, pending], [
    "Recent",
    finished,
  ]];
  return parts.filter(([, jobs]) => jobs.length > 0).flatMap(([text, jobs], index) => [
    ...(index === 0 ? [] : [{ kind: "gap" as const }]),
    { kind: "heading" as const, text },
    ...jobs.map((job) => ({ kind: "job" as const, job })),
  ]);
}

/**
 * Index of the first entry that is shown, so that the selected job is seen: in the middle of a list that is longer
 * than the pane.
 */
function firstShown(entries: readonly Entry[], selected: string | null, rows: number): number {
  const at = entries.findIndex((entry) => entry.kind === "job" && entry.job.job_id === selected);
  const first = Math.max(0, Math.min(at - Math.floor(rows / 2), entries.length - rows));
  return entries[first]?.kind === "gap" ? first + 1 : first;
}

/**
 * Cells of the flexible columns; 0 where there is no room for one. The prompt is the last to go, since a job's mark
 * tells its state.
 */
interface Widths {
  readonly agent: number;
  readonly situation: number;
  readonly prompt: number;
}

/** Cells that agent, state and prompt need together to be of use beside each other. */
const LEAST_ROOM = 30;

function widthsOf(jobs: readonly Brief[], columns: number): Widths {
  const longest = Math.max(...jobs.map((job) => displayWidth(job.agent)));
  const agent = Math.min(AGENT.most, Math.max(AGENT.least, longest));
  // Two cells at the left, two for the mark, two between columns.
  const room = columns - 4 - ID - 2 - agent - 2 - TIME - 2;
  if (room < LEAST_ROOM) return { agent: 0, situation: 0, prompt: room + agent + 2 };
  const situation = Math.min(44, Math.floor((room - 2) * 0.45));
  return { agent, situation, prompt: room - 2 - situation };
}

function jobSpans(job: Brief, state: MonitorState, widths: Widths, palette: Palette): Span[] {
  const status = (text: string) => palette.status(job.status, text);
  const isSelected = job.job_id === state.selected;
  // The heading already says that these jobs wait.
  const situation = situationText(job, state).replace(/^waits (?=for )/, "");
  return [
    [isSelected ? "▸ " : "  "],
    job.asking === undefined
      ? [`${glyphOf(job.status)} `, status]
      : [`${ASKING_GLYPH} `, (text) => palette.bold(palette.yellow(text))],
    [`${job.job_id}  `, palette.bold],
    ...(widths.agent === 0 ? [] : [[`${fitToWidth(oneLine(job.agent), widths.agent)}  `] as const]),
    [`${fitToWidth(timeText(job, state), TIME, "right")}  `, palette.dim],
    ...(widths.situation === 0 ? [] : [
      [`${fitToWidth(situation, widths.situation)}  `, job.status === "done" ? palette.dim : status] as const,
    ]),
    [cutToWidth(oneLine(jobLine(job)), widths.prompt)],
  ];
}

function emptyList(state: MonitorState, size: Size, palette: Palette): string[] {
  const lines: Span[][] = state.filter !== ""
    ? [[[` No job matches ${oneLine(state.filter)}`]], [[" esc shows all again.", palette.dim]]]
    : state.link.kind === "up"
    ? [
      [[" No jobs yet."]],
      [],
      [[" Start one from another terminal:", palette.dim]],
      [['   agent-async start "make the tests pass"']],
    ]
    : [[[" Asking the daemon ...", palette.dim]]];
  return lines.slice(0, size.rows).map((spans) => lineText(spans, size.columns));
}
