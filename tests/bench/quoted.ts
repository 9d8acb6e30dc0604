/**
 * Benchmark: the recorded table as the README quotes it.
 *
 * @module
 */
import type { Row } from "./figure.ts";
import type { Table } from "./recorded.ts";
import { budgetText, head, number } from "./table.ts";

/** First what has a budget, then everything behind a fold. */
export function quotedTable(table: Table): string {
  const rows = table.families.flatMap((family) => family.rows);
  const kept = rows.filter((row) => row.kind === "figure" && row.budget !== undefined);
  return [
    head(table).split("\n").join("  \n"),
    markdown(kept),
    "<details>\n<summary>All figures</summary>",
    markdown(rows),
    "</details>",
  ].join("\n\n");
}

function markdown(rows: readonly Row[]): string {
  const lines = rows.map((row) =>
    row.kind === "absent" ? [row.name, "not to be had", "", "", row.why] : [
      row.name,
      `${number(row.median)} ${row.unit}`,
      row.p95 === null ? "" : number(row.p95),
      String(row.samples),
      budgetText(row),
    ]
  );
  const head = ["what", "median", "p95", "n", "budget"];
  return [head, ["---", "--:", "--:", "--:", "---"], ...lines]
    .map((cells) =>
      `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`
    ).join("\n");
}
