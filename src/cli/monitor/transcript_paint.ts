/**
 * Room `cli`, the monitor: colours for the lines of a transcript, by the marks that `domain/event/transcript.ts` gives
 * them.
 *
 * @module
 */
import type { Paint } from "./line.ts";
import type { Palette } from "./palette.ts";

export function rowPaint(line: string, palette: Palette): Paint {
  if (line.startsWith("$ ")) return palette.cyan;
  if (/^\[(?:error|command failed|file change failed)/.test(line)) return palette.red;
  if (/^\[warning/.test(line)) return palette.yellow;
  if (/^\[(?:added|changed|deleted) /.test(line)) return (text) => palette.status("done", text);
  if (/^\[.*\]$/.test(line) || line.startsWith("  ")) return palette.dim;
  return (text) => text;
}
