/**
 * Benchmark: what docs/figures.md quotes of the recorded table: the figures that have a budget, and those beside others.
 *
 * @module
 */
import type { Figure, Row } from "./figure.ts";
import type { Table } from "./recorded.ts";
import { budgetText, head, number } from "./table.ts";

/** The family that measures others in the same run. */
const PEERS = "peers";

/** Said of a figure that was taken of both; it is the head of its column. */
const PROGRAM = / \((source|compiled)(?:, ([^)]+))?\)$/;

export function quotedFigures(table: Table): string {
  const kept = table.families.filter(({ name }) => name !== PEERS).flatMap(({ rows }) => rows)
    .filter((row) => row.kind === "figure" && row.budget !== undefined);
  const peers = table.families.find(({ name }) => name === PEERS)?.rows ?? [];
  const absent = peers.flatMap((row) => row.kind === "absent" ? [row.name.replace(/^server: /, "")] : []);
  return [
    head(table).split("\n").join("  \n"),
    "Median / 95th percentile:",
    markdown(kept, { hasBudget: true }),
    "Beside others, in the same run:",
    markdown(peers, { hasBudget: false }),
    ...(absent.length === 0 ? [] : [`Not to be had there: ${absent.join(", ")}.`]),
  ].join("\n\n");
}

/** One row for a figure of the program from source and of the executable. */
function markdown(rows: readonly Row[], { hasBudget }: { hasBudget: boolean }): string {
  const figures = rows.filter((row) => row.kind === "figure");
  const byName = Map.groupBy(figures, ({ name }) => {
    return name.replace(PROGRAM, (_all, _program, more) => more === undefined ? "" : `, ${more}`);
  });
  const lines = [...byName].map(([name, same]) => {
    const of = (program: string) => same.find((row) => PROGRAM.exec(row.name)?.[1] === program);
    const [source, compiled] = [of("source") ?? same[0], of("compiled")];
    const budget = source === undefined ? "" : budgetText(source).replace(/ (?:kept|OVER)$/, "");
    return [name, cell(source), cell(compiled), ...(hasBudget ? [budget] : [])];
  });
  const titles = ["", "source", "executable", ...(hasBudget ? ["budget"] : [])];
  return [titles, ["---", ...titles.slice(1).map(() => "--:")], ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** With a mark where its budget is not kept. */
function cell(row: Figure | undefined): string {
  if (row === undefined) return "";
  const values = [row.median, ...(row.p95 === null ? [] : [row.p95])].map(number).join(" / ");
  const isOver = budgetText(row).endsWith("OVER");
  return `${isOver ? "**over:** " : ""}${values} ${row.unit}`;
}
