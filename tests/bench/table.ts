/**
 * Benchmark: the table for people. Beside each figure its budget and how it was the last time.
 *
 * @module
 */
import { type Figure, isMoreBetter, isWithinBudget, NOTABLE_RATIO, type Row, timesWorse } from "./figure.ts";
import type { Table } from "./recorded.ts";

const HEAD = ["", "median", "p95", "n", "budget", "against the last table"];

/** What was run, when and where, in two lines. */
export function head(table: Omit<Table, "families">): string {
  const { machine } = table;
  return [
    `agent-async ${table.version}, ${table.date}: ${table.command}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, ` +
    `Deno ${machine.deno}, load ${machine.load}`,
  ].join("\n");
}

/** One family. @param before the last recorded table. */
export function familyText(name: string, rows: readonly Row[], before: Table | null): string {
  const known = figuresOf(before);
  const lines = rows.map((row) => {
    if (row.kind === "absent") return [row.name, "not to be had", "", "", "", row.why];
    return [
      row.name,
      `${number(row.median)} ${row.unit}`,
      row.p95 === null ? "" : number(row.p95),
      String(row.samples),
      budgetText(row),
      changeText(row, known.get(row.name)),
    ];
  });
  return `\n${name}\n${aligned([HEAD, ...lines])}`;
}

/** What a reader should not miss. */
export function verdictText(rows: readonly Row[], before: Table | null): string {
  const figures = rows.filter((row) => row.kind === "figure");
  const known = figuresOf(before);
  const over = figures.filter((row) => !isWithinBudget(row));
  const worse = figures.filter((row) => isNotablyWorse(row, known.get(row.name)));
  const budgeted = figures.filter((row) => row.budget !== undefined);
  return [
    `\n${budgeted.length - over.length} of ${budgeted.length} budgets kept.`,
    ...over.map((row) => `  OVER: ${row.name}: ${number(row.median)} ${row.unit}, budget ${budgetText(row)}`),
    ...worse.map((row) => `  WORSE: ${row.name}: ${changeText(row, known.get(row.name))}`),
    ...before === null ? ["Nothing was recorded to compare with; --record keeps this table."] : [],
  ].join("\n");
}

function figuresOf(table: Table | null): Map<string, Figure> {
  const rows = table?.families.flatMap((family) => family.rows) ?? [];
  return new Map(rows.flatMap((row) => row.kind === "figure" ? [[row.name, row]] : []));
}

/** The budget, and whether it is kept; "" for a figure that has none. */
export function budgetText(row: Figure): string {
  const { median, p95 } = row.budget ?? {};
  if (median === undefined && p95 === undefined) return "";
  const bound = isMoreBetter(row.unit) ? ">=" : "<=";
  const limits = [median === undefined ? "" : number(median), p95 === undefined ? "" : `p95 ${number(p95)}`];
  return `${bound} ${limits.filter((limit) => limit !== "").join(", ")} ${
    isWithinBudget(row) ? "kept" : "OVER"
  }`;
}

function changeText(row: Figure, before: Figure | undefined): string {
  if (before === undefined || before.median === 0 || row.median === 0) return "";
  const factor = timesWorse(row, before);
  if (isNotablyWorse(row, before)) return `<<< ${number(factor)} times worse (was ${number(before.median)})`;
  return factor <= 1 / NOTABLE_RATIO
    ? `${number(1 / factor)} times better (was ${number(before.median)})`
    : `x ${(row.median / before.median).toFixed(2)}`;
}

function isNotablyWorse(row: Figure, before: Figure | undefined): boolean {
  return before !== undefined && before.median > 0 && timesWorse(row, before) >= NOTABLE_RATIO;
}

/** Four digits. */
export function number(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines.map((line) =>
    line.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column >= 1 && column <= 3 ? cell.padStart(width) : cell.padEnd(width);
    }).join("  ").trimEnd()
  ).join("\n");
}
