/**
 * Room `cli`, the monitor: the whole screen, made from its state alone.
 *
 * @module
 */
import { detailPane } from "./detail_pane.ts";
import { footerLine, headerLine, ruleLine } from "./frame_lines.ts";
import { helpPane } from "./help_pane.ts";
import { FRAME_ROWS, type Layout, layoutOf } from "./layout.ts";
import { lineText } from "./line.ts";
import { listPane } from "./list_pane.ts";
import type { MonitorState } from "./monitor_state.ts";
import { questionPane } from "./question_pane.ts";
import type { Palette } from "./palette.ts";
import { displayWidth } from "../render/width.ts";

export interface Frame {
  /** As many as the screen has rows, none wider than it. */
  readonly lines: readonly string[];
  /** Where the cursor stands while something is typed; from 0. */
  readonly cursor: { readonly row: number; readonly column: number } | null;
}

export function renderMonitor(state: MonitorState, palette: Palette): Frame {
  const { columns, rows } = state.size;
  const layout = layoutOf(state);
  if (layout.kind === "tiny") {
    const lines = [
      lineText([["too small; q quits"]], columns),
      ...Array<string>(Math.max(0, rows - 1)).fill(""),
    ];
    return { lines: lines.slice(0, rows), cursor: null };
  }
  const body = state.mode.kind === "help"
    ? helpPane({ columns, rows: rows - FRAME_ROWS }, palette)
    : state.mode.kind === "answer"
    ? questionPane(state, state.mode, palette)
    : bodyLines(state, layout, palette);
  const footer = footerLine(state, palette);
  const lines = [
    headerLine(state, palette),
    ruleLine(state, palette),
    ...filled(body, rows - FRAME_ROWS),
    footer.line,
  ];
  return { lines, cursor: footer.cursor === null ? null : { row: rows - 1, column: footer.cursor } };
}

function bodyLines(
  state: MonitorState,
  layout: Exclude<Layout, { kind: "tiny" }>,
  palette: Palette,
): string[] {
  switch (layout.kind) {
    case "list":
      return listPane(state, layout.list, palette);
    case "open":
      return detailPane(state, layout.detail, palette);
    case "stacked":
      return [
        ...filled(listPane(state, layout.list, palette), layout.list.rows),
        ...detailPane(state, layout.detail, palette),
      ];
    case "beside": {
      const right = detailPane(state, layout.detail, palette);
      return filled(listPane(state, layout.list, palette), layout.list.rows).map((left, index) => {
        const gap = " ".repeat(Math.max(0, layout.list.columns - displayWidth(left)));
        return `${left}${gap} ${palette.dim("│")} ${right[index] ?? ""}`.trimEnd();
      });
    }
  }
}

function filled(lines: readonly string[], rows: number): string[] {
  return [...lines.slice(0, rows), ...Array<string>(Math.max(0, rows - lines.length)).fill("")];
}
