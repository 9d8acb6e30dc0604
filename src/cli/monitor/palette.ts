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

/** Of one cell; a status of a later version has none of its own. */
export function glyphOf(status: JobStatus): string {
  return Object.hasOwn(GLYPHS, status) ? GLYPHS[status] : "?";
}

/** One cell each. */
export const GLYPHS: Readonly<Record<JobStatus, string>> = {
  pending: "○",
  running: "●",
  done: "✓",
  error: "✗",
  cancelled: "■",
};
