/**
 * Room `cli`, the monitor: the lines at its edges: header, rule and footer.
 *
 * @module
 */
import { sumOfUsages } from "../../domain/turn/usage.ts";
import { costText, tokensText } from "../render/amounts.ts";
import { cutToWidth, displayWidth } from "../render/width.ts";
import { transcriptSize } from "./detail_pane.ts";
import type { Line } from "./line_editor.ts";
import { GAP, lineText, oneLine, type Span, spansWidth, twoEnds } from "./line.ts";
import { type MonitorState, selectedJob } from "./monitor_state.ts";
import { workQuestion } from "./on_work_key.ts";
import { answerLabel, shownQuestion } from "./question_pane.ts";
import { ASKING_GLYPH, GLYPHS, type Palette } from "./palette.ts";

export function headerLine(state: MonitorState, palette: Palette): string {
  const { columns } = state.size;
  const running = state.limit === null ? "" : `${state.running.length}/${state.limit} running`;
  const counts: Span[] = [
    ...(state.link.kind === "connecting" ? [] : [
      [`   ${GLYPHS.running} ${running}`, (text: string) => palette.status("running", text)] as const,
      [
        `   ${GLYPHS.pending} ${state.pendingCount} waiting`,
        (text: string) => state.pendingCount === 0 ? palette.dim(text) : palette.status("pending", text),
      ] as const,
    ]),
  ];
  const name: Span = [" agent-async", palette.bold];
  const asking = state.running.filter((job) => job.asking !== undefined).length;
  if (asking > 0) {
    counts.push([`   ${ASKING_GLYPH} ${asking} asking`, (text) => palette.bold(palette.yellow(text))]);
  }
  // In a narrow terminal, the program's name is the first to go.
  const left = spansWidth([name, ...counts]) <= columns ? [name, ...counts] : counts;
  const link = linkSpan(state, palette);
  const usage: Span = [usageText(state), palette.dim];
  const hasRoomFor = (spans: readonly Span[]) => spansWidth(left) + GAP + spansWidth(spans) <= columns;
  // In a narrow terminal, the number of running jobs comes before the daemon's version, but not before the news that
  // there is no daemon.
  const narrow = state.link.kind !== "up" || hasRoomFor([link]) ? [link] : [];
  const right = hasRoomFor([usage, link]) ? [usage, link] : narrow;
  return lineText(twoEnds(left, right, columns), columns);
}

/** The rule below the header. It says why the daemon cannot be reached, when it cannot. */
export function ruleLine(state: MonitorState, palette: Palette): string {
  const { columns } = state.size;
  const why = state.link.kind === "down" ? oneLine(state.link.why) : "";
  const said = why === "" ? "" : ` ${cutToWidth(why, columns - RULE_FRAME)} `;
  const begin = said === "" ? "" : "──";
  const rest = Math.max(0, columns - displayWidth(begin + said));
  return lineText([[begin, palette.dim], [said, palette.red], ["─".repeat(rest), palette.dim]], columns);
}

/** Cells around words in a rule: two of the rule at both ends, and two spaces. */
const RULE_FRAME = 6;

function linkSpan(state: MonitorState, palette: Palette): Span {
  switch (state.link.kind) {
    case "connecting":
      return ["connecting ... ", palette.dim];
    case "down":
      return ["reconnecting ... ", palette.red];
    case "up": {
      const version = state.daemonVersion ?? state.version;
      return [
        version === state.version ? `daemon ${version} ` : `daemon ${version}, this is ${state.version} `,
        palette.dim,
      ];
    }
  }
}

/** Tokens and cost of the ended jobs in the list. */
function usageText(state: MonitorState): string {
  const jobs = state.finished.flatMap((job) => state.details.get(job.job_id) ?? []);
  if (jobs.length === 0) return "";
  const { total_tokens, cost_usd } = sumOfUsages(jobs.map((job) => job.usage));
  const known = jobs.filter((job) => job.usage.total_tokens !== null).length;
  const cost = cost_usd === undefined ? "" : `, ${costText(cost_usd)}`;
  const which = jobs.length === 1 ? "job" : `${jobs.length} jobs`;
  const of = known === jobs.length || known === 0 ? "" : ` in ${known} of them`;
  return `last ${which}: ${tokensText(total_tokens)} tokens${of}${cost}   `;
}

export interface Footer {
  readonly line: string;
  /** Column of the cursor, from 0, while something is typed. */
  readonly cursor: number | null;
}

export function footerLine(state: MonitorState, palette: Palette): Footer {
  const { columns } = state.size;
  const { mode, notice } = state;
  switch (mode.kind) {
    case "filter":
      return typed([" filter: ", palette.bold], mode.line, columns);
    case "reply":
      return typed([` reply to ${mode.jobId}: `, palette.bold], mode.line, columns);
    case "answer":
      return typed(answerLabel(shownQuestion(state, mode)), mode.line, columns);
    case "confirm_cancel":
      return confirmation(`Cancel job ${mode.jobId} and everything that it started?`, columns, palette);
    case "confirm_work":
      return confirmation(workQuestion(mode), columns, palette);
    case "help":
      return { line: lineText([[" any key goes back", palette.dim]], columns), cursor: null };
    case "browse":
      if (notice !== null) {
        const paint = notice.isError ? palette.red : palette.cyan;
        const text = wholeSentences(oneLine(notice.text), columns - 1);
        return { line: lineText([[` ${text}`, paint]], columns), cursor: null };
      }
      return { line: lineText(browseSpans(state, palette), columns), cursor: null };
  }
}

function confirmation(question: string, columns: number, palette: Palette): Footer {
  const spans: Span[] = [
    [` ${question} `, palette.bold],
    ["y", palette.bold],
    [" yes  ", palette.dim],
    ["n", palette.bold],
    [" no", palette.dim],
  ];
  return { line: lineText(spans, columns), cursor: null };
}

/** The first sentences of `text` that fit into `width` cells; the whole text when not even one does. */
function wholeSentences(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const ends = Array.from(text.matchAll(/[.!?](?= )/g), ({ index }) => index + 1);
  return text.slice(0, ends.findLast((end) => displayWidth(text.slice(0, end)) <= width));
}

function browseSpans(state: MonitorState, palette: Palette): Span[] {
  const { columns } = state.size;
  const place = placeSpans(state, palette);
  const room = columns - (place.length === 0 ? 0 : spansWidth(place) + GAP);
  return twoEnds(hints(state, room, palette), place, columns);
}

/** The hints for keys that fit into `room` cells; those for help and quit always stay. */
function hints(state: MonitorState, room: number, palette: Palette): Span[] {
  const job = selectedJob(state);
  const [hasJob, isAsking] = [job !== undefined, job?.asking !== undefined];
  const changes = job === undefined || job.finished_at === null ? [] : [
    ["d", state.changes === null ? "changes" : "transcript"] as const,
    ...(job.work === "not_applied" ? [["A", "apply"] as const, ["D", "discard"] as const] : []),
  ];
  const keys: (readonly [string, string])[] = state.isOpen
    ? [
      ["↑↓", "scroll"],
      ["esc", "back"],
      ["←→", "other job"],
      ...(isAsking ? [["a", "answer"]] as const : []),
      ["c", "cancel"],
      ["r", "reply"],
      ...changes,
      ["?", "help"],
      ["q", "quit"],
    ]
    : [
      ...(isAsking ? [["a", "answer"]] as const : []),
      ...(hasJob ? [["↑↓", "move"], ["enter", "open"], ["c", "cancel"], ["r", "reply"]] as const : []),
      ...changes,
      ["/", "filter"],
      ["?", "help"],
      ["q", "quit"],
    ];
  const width = () => keys.reduce((sum, [key, word]) => sum + displayWidth(key + word) + 3, 0);
  while (keys.length > LASTING_HINTS && width() > room) keys.splice(-LASTING_HINTS - 1, 1);
  return keys.flatMap(([key, word]): Span[] => [[` ${key}`, palette.bold], [` ${word} `, palette.dim]]);
}

const LASTING_HINTS = 2;

/** A note at the end of the footer: the transcript is not at its end, or a filter hides jobs. */
function placeSpans(state: MonitorState, palette: Palette): Span[] {
  if (state.anchor !== null && transcriptSize(state).rows > 0) {
    const key = state.isOpen ? "end" : "esc";
    return [["not at the end: ", palette.dim], [key, palette.bold], [" follows ", palette.dim]];
  }
  return state.filter === "" ? [] : [[`filter: ${oneLine(state.filter)} `, palette.cyan]];
}

/** The footer while something is typed, scrolled sideways so that the cursor is seen. */
function typed(label: Span, line: Line, columns: number): Footer {
  const room = columns - displayWidth(label[0]) - 1;
  const before = visible(line.before);
  const start = displayWidth(before) <= room ? before : tail(before, room);
  const rest = cutToWidth(visible(line.after), room - displayWidth(start));
  const cursor = displayWidth(label[0]) + displayWidth(start);
  return { line: lineText([label, [start], [rest]], columns), cursor };
}

/** What was typed or pasted, on one line and without control characters. */
function visible(text: string): string {
  // deno-lint-ignore no-control-regex -- a paste may hold anything
  return text.replace(/\n/g, "⏎").replace(/[\x00-\x1f\x7f-\x9f]/g, " ");
}

function tail(text: string, width: number): string {
  let kept = "";
  for (const character of [...text].reverse()) {
    if (displayWidth(character + kept) > width - 1) break;
    kept = character + kept;
  }
  return `…${kept}`;
}
