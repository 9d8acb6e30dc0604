/**
 * Room `cli`, the monitor: which part of the screen shows what.
 *
 * @module
 */
import { type MonitorState, shownJobs } from "./monitor_state.ts";
import type { Size } from "./transcript.ts";

export type Layout =
  /** Too small for anything but a sentence. */
  | { readonly kind: "tiny" }
  | { readonly kind: "list"; readonly list: Size }
  | { readonly kind: "stacked"; readonly list: Size; readonly detail: Size }
  | { readonly kind: "beside"; readonly list: Size; readonly detail: Size }
  | { readonly kind: "open"; readonly detail: Size };

const LEAST: Size = { columns: 32, rows: 6 };
/** Columns from which list and transcript stand side by side. */
const BESIDE_COLUMNS = 140;
/** Rows between header and footer from which list and transcript share them. */
const STACKED_ROWS = 14;
/** Rows of the header, its rule and the footer. */
export const FRAME_ROWS = 3;

export function layoutOf(state: MonitorState): Layout {
  const { columns, rows } = state.size;
  if (columns < LEAST.columns || rows < LEAST.rows) return { kind: "tiny" };
  const body = rows - FRAME_ROWS;
  if (state.isOpen) return { kind: "open", detail: { columns, rows: body } };
  if (columns >= BESIDE_COLUMNS) {
    const list = Math.min(110, Math.floor(columns * 0.5));
    return {
      kind: "beside",
      list: { columns: list, rows: body },
      detail: { columns: columns - list - 3, rows: body },
    };
  }
  if (body < STACKED_ROWS) return { kind: "list", list: { columns, rows: body } };
  const list = Math.min(listRows(state) + 1, Math.max(6, Math.floor(body * 0.55)));
  return {
    kind: "stacked",
    list: { columns, rows: list },
    detail: { columns, rows: body - list },
  };
}

/** Rows that the whole list takes: a heading for each part, and an empty line between two. */
function listRows(state: MonitorState): number {
  const parts = Object.values(shownPart(state)).filter((jobs) => jobs.length > 0);
  const rows = parts.reduce((sum, jobs) => sum + jobs.length + 1, 0) + Math.max(0, parts.length - 1);
  return Math.max(6, rows);
}

function shownPart(state: MonitorState): ReturnType<typeof shownJobs> {
  const { running, pending, finished } = shownJobs(state);
  return { running, pending, finished };
}
