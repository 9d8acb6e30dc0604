/**
 * Tests of room `cli`: texts laid into the cells of a terminal.
 *
 * @module
 */
import assert from "node:assert/strict";
import { tableText } from "../../src/cli/render/table.ts";
import { cutToWidth, displayWidth, fitToWidth, wrapToWidth } from "../../src/cli/render/width.ts";
import { sentences, wrapWords } from "../../src/cli/render/wrap_words.ts";

Deno.test("width: wide characters take two cells, combining marks and colours none", () => {
  const widths = ["abc", "日本", "e\u0301", "👍🏽", "👨‍👩‍👧", "🇩🇪", "", "\x1b[31mred\x1b[39m"].map(displayWidth);
  assert.deepEqual(widths, [3, 4, 1, 2, 2, 2, 0, 3]);
});

Deno.test("width: a cut says so and never goes through a character", () => {
  assert.deepEqual(
    [cutToWidth("abcdef", 6), cutToWidth("abcdef", 5), cutToWidth("日本語", 4), cutToWidth("abc", 0)],
    ["abcdef", "abcd…", "日…", ""],
  );
  assert.equal(displayWidth(cutToWidth("x".repeat(1_000_000), 80)), 80);
});

Deno.test("width: a field is filled up to its width on either side", () => {
  assert.deepEqual(
    [fitToWidth("ab", 4), fitToWidth("ab", 4, "right"), fitToWidth("日本語", 5)],
    ["ab  ", "  ab", "日本…"],
  );
});

Deno.test("width: a line is broken between words, and inside of one that is too long", () => {
  assert.deepEqual(wrapToWidth("the quick brown fox", 10), ["the quick", "brown fox"]);
  assert.deepEqual(wrapToWidth("abcdefghijkl", 5), ["abcde", "fghij", "kl"]);
  assert.deepEqual(wrapToWidth("日本語日本語", 5), ["日本", "語日", "本語"]);
  assert.deepEqual(wrapToWidth("", 5), [""]);
  assert.deepEqual(wrapToWidth("12345 67890", 5), ["12345", "67890"]);
});

Deno.test("width: our sentences are wrapped between words, and a path stays whole", () => {
  assert.deepEqual(wrapWords("no daemon runs in /a/long/state/directory at all", 12), [
    "no daemon",
    "runs in",
    "/a/long/state/directory",
    "at all",
  ]);
  assert.deepEqual(wrapWords("", 12), [""]);
});

Deno.test("width: sentences are wrapped on a terminal by the cells that they take, and whole in a pipe", () => {
  const said = "日本語 日本語 \x1b[2mab\x1b[22m\nnext one";
  assert.equal(sentences(said, { isTerminal: false, columns: 13 }), said);
  assert.equal(
    sentences(said, { isTerminal: true, columns: 13 }, 3),
    "日本語\n   日本語 \x1b[2mab\x1b[22m\n   next one",
  );
});

Deno.test("table: on a very narrow terminal elastic columns give more than they like", () => {
  const table = [
    { title: "ID", text: (row: string) => row },
    { title: "PROMPT", text: (row: string) => row.repeat(4), isElastic: true },
  ];
  assert.equal(tableText(["abcdef"], table, 24), "ID      PROMPT\nabcdef  abcdefabcdefabc…\n");
  assert.equal(tableText(["abcdef"], table, 14), "ID      PROMPT\nabcdef  abcde…\n");
  assert.equal(tableText(["abcdef"], table, 8), "ID      PRO…\nabcdef  abc…\n");
});

Deno.test("tableText leaves columns out that can be spared, the last first, before the others get too narrow", () => {
  const table = [
    { title: "ID", text: (row: string) => row },
    { title: "WHEN", text: () => "3 m ago", isExpendable: true },
    { title: "PLACE", text: () => "/some/where/else", isElastic: true, isExpendable: true },
    { title: "PROMPT", text: (row: string) => row.repeat(4), isElastic: true },
  ];
  const heads = [60, 43, 42, 29, 28, 10].map((columns) =>
    tableText(["abcdef"], table, columns).split("\n")[0]
  );
  assert.deepEqual(heads.map((head) => head?.split(/\s+/)), [
    ["ID", "WHEN", "PLACE", "PROMPT"],
    ["ID", "WHEN", "PLACE", "PROMPT"],
    ["ID", "WHEN", "PROMPT"],
    ["ID", "WHEN", "PROMPT"],
    ["ID", "PROMPT"],
    ["ID", "PRO…"],
  ]);
  assert.match(tableText(["abcdef"], table, null), /PLACE/);
});
