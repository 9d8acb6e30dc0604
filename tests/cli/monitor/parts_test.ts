/**
 * Tests of the monitor's small parts: keys, the line that is typed, the transcript, the screen.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Key, KeyDecoder } from "../../../src/cli/monitor/keys.ts";
import { edited, EMPTY_LINE, type Line } from "../../../src/cli/monitor/line_editor.ts";
import { paletteFor } from "../../../src/cli/monitor/palette.ts";
import { Screen } from "../../../src/cli/monitor/screen.ts";
import { emptyTranscript, grown, scrolled, windowRows } from "../../../src/cli/monitor/transcript.ts";
import { rowPaint } from "../../../src/cli/monitor/transcript_paint.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function names(keys: readonly Key[]): string[] {
  return keys.map((key) =>
    key.kind === "named" ? key.name : key.kind === "text" ? `'${key.text}'` : `paste ${key.text}`
  );
}

Deno.test("keys: characters, controls and sequences of every kind of terminal", () => {
  const read = (text: string) => names(new KeyDecoder().push(bytes(text)));
  assert.deepEqual(read("jä日👍"), ["'j'", "'ä'", "'日'", "'👍'"]);
  assert.deepEqual(read("\r\n\x7f\x08\t\x03\x1a"), [
    "enter",
    "enter",
    "backspace",
    "backspace",
    "tab",
    "ctrl_c",
    "ctrl_z",
  ]);
  assert.deepEqual(read("\x1b[A\x1bOB\x1b[1;5C\x1b[5~\x1b[6;2~\x1b[H\x1bOF\x1b[3~"), [
    "up",
    "down",
    "right",
    "page_up",
    "page_down",
    "home",
    "end",
    "delete",
  ]);
  assert.deepEqual(read("\x1b[200~a\nb\x1b[A\x1b[201~q"), ["paste a\nb\x1b[A", "'q'"]);
  assert.deepEqual(read("\x1b[15~\x1b[<0;1;2M\x1b[?1;2cx\x00\x1c"), ["'x'"]);
});

Deno.test("keys: the same however the bytes are cut, and whatever they are", () => {
  const input = bytes("a\x1b[A日\x1b[200~p\x1b[201~\x1bOBz");
  const whole = names(new KeyDecoder().push(input));
  for (let cut = 1; cut < input.length; cut++) {
    const decoder = new KeyDecoder();
    assert.deepEqual(names([...decoder.push(input.slice(0, cut)), ...decoder.push(input.slice(cut))]), whole);
  }
  for (let byte = 0; byte < 256; byte++) new KeyDecoder().push(Uint8Array.of(0x1b, byte, 0x5b, byte, byte));
});

Deno.test("keys: an escape alone is one when nothing follows", () => {
  const decoder = new KeyDecoder();
  assert.deepEqual([decoder.push(bytes("\x1b")), decoder.isWaiting], [[], true]);
  assert.deepEqual([names(decoder.flush()), decoder.isWaiting, decoder.flush()], [["escape"], false, []]);
  assert.deepEqual(names(decoder.push(bytes("\x1b\x1b[A\x1bn"))), ["escape", "up", "escape", "'n'"]);
});

Deno.test("line: edited by whole characters, at the cursor", () => {
  const press = (line: Line, ...keys: (Key | string)[]) =>
    keys.reduce<Line>(
      (now, key) => edited(now, typeof key === "string" ? { kind: "named", name: key as never } : key),
      line,
    );
  const typed = edited(EMPTY_LINE, { kind: "paste", text: "one two 👨‍👩‍👧" });
  assert.deepEqual(press(typed, "backspace"), { before: "one two ", after: "" });
  assert.deepEqual(press(typed, "left", "left"), { before: "one two", after: " 👨‍👩‍👧" });
  assert.deepEqual(press(typed, "left", "delete", "ctrl_w"), { before: "one ", after: "" });
  assert.deepEqual(press(typed, "home", "right", "ctrl_k"), { before: "o", after: "" });
  assert.deepEqual(press(typed, "home", "end", "ctrl_u"), EMPTY_LINE);
  assert.deepEqual(press(EMPTY_LINE, "left", "right", "backspace", "delete", "tab"), EMPTY_LINE);
});

Deno.test("transcript: pieces join into lines; tabs, long lines and too many lines are cut to what can be shown", () => {
  const two = grown(grown(emptyTranscript("a"), "on", true), "e\n\ttwo\n", true);
  assert.deepEqual(two.lines, ["one", "    two", ""]);
  assert.deepEqual(grown(grown(two, "\n", true), "\n\nx\n\n", true).lines, [
    "one",
    "    two",
    "",
    "x",
    "",
    "",
  ]);
  assert.equal(grown(two, "x".repeat(1_000_000), true).lines.at(-1)?.length, 4_000);
  const many = grown(two, "y\n".repeat(30_000), true);
  assert.deepEqual([many.lines.length, many.first], [10_000, 20_003]);
  assert.equal(many.lines[0], "[earlier lines are left out here: agent-async logs a has all]");
});

Deno.test("transcript: a window shows the end, or what one has scrolled to, in wrapped rows", () => {
  const size = { columns: 4, rows: 3 };
  const text = grown(emptyTranscript("a"), "abcdefgh\nij\nklmno\n", true);
  const rows = (anchor: Parameters<typeof windowRows>[1]) =>
    windowRows(text, anchor, size).map((row) => row.text);
  assert.deepEqual(rows(null), ["ij", "klmn", "o"]);
  const up = scrolled(text, null, -1, size);
  assert.deepEqual([up, rows(up)], [{ line: 0, row: 1 }, ["efgh", "ij", "klmn"]]);
  assert.deepEqual(scrolled(text, up, -100, size), { line: 0, row: 0 });
  assert.equal(scrolled(text, up, 1, size), null);
  assert.equal(scrolled(text, null, 100, size), null);
});

Deno.test("screen: only what differs is written, in one go", () => {
  const screen = new Screen();
  const size = { columns: 5, rows: 3 };
  const draw = (lines: string[], cursor: { row: number; column: number } | null = null) =>
    screen.draw({ lines, cursor }, size).replaceAll("\x1b", "^");
  const [begin, end] = ["^[?2026h^[?25l", "^[?25l^[?2026l"];
  assert.equal(draw(["one", "two", "three"]), `${begin}^[0m^[2J^[1;1Hone^[K^[2;1Htwo^[K^[3;1Hthree${end}`);
  assert.equal(draw(["one", "two", "three"]), "");
  assert.equal(draw(["one", "2", "three"]), `${begin}^[2;1H2^[K${end}`);
  assert.equal(draw(["one", "2", "three"], { row: 2, column: 1 }), `${begin}^[3;2H^[?25h^[?2026l`);
  screen.forget();
  assert.match(draw(["one", "2", "three"]), /\^\[2J\^\[1;1Hone/);
});

Deno.test("transcript: what went wrong is red, what may go wrong is yellow, and neither is anything else", () => {
  const palette = paletteFor({});
  const paint = (line: string) => rowPaint(line, palette)("x");
  for (const line of ["[error: x]", "[command failed (exit 1)]", "[file change failed: a]"]) {
    assert.equal(paint(line), palette.red("x"), line);
  }
  assert.equal(paint("[warning: x]"), palette.yellow("x"));
  assert.equal(paint("[added a]"), palette.status("done", "x"));
  assert.equal(paint("[exit 0]"), palette.dim("x"));
  assert.equal(paint("It says [error: x] here"), "x");
});
