/**
 * Chaos: the table.
 *
 * @module
 */
import type { Findings } from "./fault.ts";

export interface Row extends Findings {
  family: string;
  fault: string;
  tried: number;
  seconds: number;
  /** Why it was not tried here. */
  skipped: string | null;
}

const COUNTS = ["tried", "jobs", "lost", "doubled", "wrong", "left"] as const;

/** As Markdown, so that the README can quote it. */
export function table(rows: readonly Row[]): string {
  const total: Row = {
    family: "",
    fault: "all",
    tried: 0,
    seconds: 0,
    skipped: null,
    jobs: 0,
    lost: 0,
    doubled: 0,
    wrong: 0,
    left: 0,
    notes: [],
  };
  for (const row of rows) for (const name of [...COUNTS, "seconds"] as const) total[name] += row[name];
  const cells = [
    ["fault", "tried", "jobs", "lost", "doubled", "wrong", "left running"],
    ...[...rows, total].map((row) => [
      row.family === "" ? row.fault : `${row.family}: ${row.fault}`,
      row.skipped === null ? String(row.tried) : "-",
      ...COUNTS.slice(1).map((name) => String(row[name])),
    ]),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ??
    [];
  const line = (row: readonly string[]) =>
    `| ${
      row.map((cell, n) => n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0)).join(" | ")
    } |`;
  const [head = [], ...body] = cells;
  const rule = `|${
    widths.map((width, n) => n === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`).join("|")
  }|`;
  const skipped = rows.filter((row) => row.skipped !== null).map((row) =>
    `Not tried: ${row.fault}: ${row.skipped}`
  );
  return [line(head), rule, ...body.map(line), ...skipped, ""].join("\n");
}

export function isClean(rows: readonly Row[]): boolean {
  return rows.every(({ lost, doubled, wrong, left }) => lost + doubled + wrong + left === 0);
}
