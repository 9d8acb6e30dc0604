/**
 * Room `cli`, the monitor: the help, which lists its keys and marks.
 *
 * @module
 */
import { lineText, type Span } from "./line.ts";
import { ASKING_GLYPH, GLYPHS, type Palette } from "./palette.ts";
import type { Size } from "./transcript.ts";

/** Keys, what they do, and the same for a narrow terminal. */
const KEYS: readonly (readonly [keys: string, says: string, shortly: string])[] = [
  ["↑ ↓  j k", "the job above or below; in an open job, scroll", "job above, below"],
  ["enter  space", "open the job on the whole screen, and close it again", "open, close"],
  ["← →", "the job before or after, also when one is open", "job before, after"],
  ["pgup  pgdn  b f", "scroll the transcript", "scroll"],
  ["home  end  g G", "the first or last job; in an open job, top or end", "first, last"],
  ["a", "answer what the job asks, after all its detail", "answer"],
  ["c", "cancel the job, after a question", "cancel the job"],
  ["d", "what an ended job changed, and back to its transcript", "what it changed"],
  ["A U D", "take its changes over, take them back, remove its place", "apply, undo, discard"],
  ["r", "reply: a further task in the same agent session", "reply"],
  ["/", "show only jobs with these words, wherever they are", "only these words"],
  ["esc", "back: close the job, show all jobs, follow the end", "back"],
  ["ctrl-l", "draw everything anew", "draw anew"],
  ["ctrl-z", "suspend; fg comes back", "suspend"],
  ["q  ctrl-c", "quit; jobs go on", "quit; jobs go on"],
];

const MARKS: readonly (readonly [keyof typeof GLYPHS, string, string?])[] = [
  ["running", "running"],
  ["running", "asking", ASKING_GLYPH],
  ["pending", "waiting"],
  ["done", "done"],
  ["error", "failed"],
  ["cancelled", "cancelled"],
];

/** Cells of the column of keys, and of the indentation before it. */
const KEY_CELLS = 17;
const INDENT = 3;

export function helpPane(size: Size, palette: Palette): string[] {
  const isNarrow = KEYS.some(([_keys, says]) => INDENT + KEY_CELLS + says.length > size.columns);
  const marks = MARKS.map(([status, says, glyph = GLYPHS[status]]): Span[] => [
    [`  ${glyph}`, glyph === ASKING_GLYPH ? palette.yellow : (text) => palette.status(status, text)],
    [` ${says}`],
  ]);
  const lines: Span[][] = [
    [[" Keys", palette.bold]],
    ...KEYS.map(([keys, says, shortly]): Span[] => [
      [`${" ".repeat(INDENT)}${keys.padEnd(KEY_CELLS)}`, palette.cyan],
      [isNarrow ? shortly : says],
    ]),
    [],
    ...(isNarrow ? [marks.slice(0, 3), marks.slice(3)] : [marks]).map((
      some,
    ) => [[" "] as const, ...some.flat()]),
  ];
  return lines.slice(0, size.rows).map((spans) => lineText(spans, size.columns));
}
