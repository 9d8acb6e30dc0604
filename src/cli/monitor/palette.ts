/**
 * Room `cli`, the monitor: its colours. Only those that every terminal has, so that they fit light and dark ones.
 *
 * @module
 */
import type { JobStatus } from "../../domain/job/reason.ts";
import { type Style, styleFor } from "../render/style.ts";

export interface Palette extends Style {
  /** Background and foreground exchanged. */
  reverse(text: string): string;
}

export function paletteFor(env: Readonly<Record<string, string>>): Palette {
  const style = styleFor({ isTerminal: true }, env);
  const isPlain = style.bold("x") === "x";
  return { ...style, reverse: (text) => isPlain || text === "" ? text : `\x1b[7m${text}\x1b[27m` };
}

/** The mark of a status, one cell wide; `?` for a status that only a later version knows. */
export function glyphOf(status: JobStatus): string {
  return Object.hasOwn(GLYPHS, status) ? GLYPHS[status] : "?";
}

/** The mark of a running job that asks something, one cell wide. */
export const ASKING_GLYPH = "◆";

/** The mark of each status, one cell wide. */
export const GLYPHS: Readonly<Record<JobStatus, string>> = {
  pending: "○",
  running: "●",
  done: "✓",
  error: "✗",
  cancelled: "■",
};
