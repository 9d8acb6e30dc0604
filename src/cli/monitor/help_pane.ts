/**
 * Room `cli`, the monitor: its keys.
 *
 * @module
 */
import { lineText, type Span } from "./line.ts";
import { GLYPHS, type Palette } from "./palette.ts";
import type { Size } from "./transcript.ts";

const KEYS: readonly (readonly [string, string])[] = [
  ["↑ ↓  j k", "the job above or below; in an open job, scroll"],
  ["enter  space", "open the job on the whole screen, and close it again"],
  ["← →", "the job before or after, also when one is open"],
  ["pgup  pgdn  b f", "scroll the transcript"],
  ["home  end  g G", "the first or last job; in an open job, top or end"],
  ["c", "cancel the job, after a question"],
  ["r", "reply: a further task in the same agent session"],
  ["/", "show only jobs with these words, wherever they are"],
  ["esc", "back: close the job, show all jobs, follow the end"],
  ["ctrl-l", "draw everything anew"],
  ["ctrl-z", "suspend; fg comes back"],
  ["q  ctrl-c", "quit; jobs go on"],
];

const MARKS: readonly (readonly [keyof typeof GLYPHS, string])[] = [
  ["running", "running"],
  ["pending", "waiting"],
  ["done", "done"],
  ["error", "failed"],
  ["cancelled", "cancelled"],
];

export function helpPane(size: Size, palette: Palette): string[] {
  const lines: Span[][] = [
    [[" Keys", palette.bold]],
    ...KEYS.map(([keys, says]): Span[] => [[`   ${keys.padEnd(17)}`, palette.cyan], [says]]),
    [],
    [
      [" "],
      ...MARKS.flatMap(([status, says]): Span[] => [
        [`  ${GLYPHS[status]}`, (text) => palette.status(status, text)],
        [` ${says}`],
      ]),
    ],
  ];
  return lines.slice(0, size.rows).map((spans) => lineText(spans, size.columns));
}
