/**
 * Chaos: the table.
 *
 * @module
 */
import { z } from "zod";

export const Row = z.object({
  family: z.string(),
  fault: z.string(),
  tried: z.number(),
  seconds: z.number(),
  /** Why it was not tried here. */
  skipped: z.string().nullable(),
  jobs: z.number(),
  lost: z.number(),
  doubled: z.number(),
  wrong: z.number(),
  left: z.number(),
  notes: z.array(z.string()),
});
export type Row = z.infer<typeof Row>;

const COUNTS = ["tried", "jobs", "lost", "doubled", "wrong", "left"] as const;

/** As Markdown, so that a page of docs can quote it. */
export function table(rows: readonly Row[]): string {
  const total = sum(rows, { family: "", fault: "all" });
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

/** The rows of several runs: one for each fault. */
export function addedUp(rows: readonly Row[]): Row[] {
  const faults = Map.groupBy(rows, ({ family, fault }) => `${family}: ${fault}`);
  return [...faults.values()].map((same) =>
    sum(same, { family: same[0]?.family ?? "", fault: same[0]?.fault ?? "" })
  );
}

/** One for each family, named with the number of its faults that were tried. */
export function byFamily(rows: readonly Row[]): Row[] {
  const families = Map.groupBy(rows, ({ family }) => family);
  return [...families].map(([family, all]) => {
    const tried = all.filter((row) => row.tried > 0).length;
    return sum(all, { family, fault: tried === 1 ? "1 fault" : `${tried} faults` });
  });
}

function sum(rows: readonly Row[], name: Pick<Row, "family" | "fault">): Row {
  const total: Row = {
    ...name,
    tried: 0,
    seconds: 0,
    skipped: rows.every(({ tried }) => tried === 0)
      ? rows.find(({ skipped }) => skipped !== null)?.skipped ?? null
      : null,
    jobs: 0,
    lost: 0,
    doubled: 0,
    wrong: 0,
    left: 0,
    notes: rows.flatMap(({ notes }) => notes),
  };
  for (const row of rows) for (const count of [...COUNTS, "seconds"] as const) total[count] += row[count];
  return total;
}

export function isClean(rows: readonly Row[]): boolean {
  return rows.every(({ lost, doubled, wrong, left }) => lost + doubled + wrong + left === 0);
}
