/**
 * Chaos: the table that docs/security.md quotes, `recorded.json`, kept in the repository.
 *
 * @module
 */
import { z } from "zod";
import { byFamily, Row, table } from "./report.ts";

const PATH = new URL("recorded.json", import.meta.url);

const Recorded = z.object({
  /** ISO 8601. */
  date: z.string(),
  rows: z.array(Row),
});

export function record(rows: readonly Row[]): void {
  const recorded: z.infer<typeof Recorded> = {
    date: new Date().toISOString().slice(0, 10),
    // What was printed in between is for the one who watches.
    rows: rows.map((row) => ({ ...row, seconds: Math.round(row.seconds) })),
  };
  Deno.writeTextFileSync(PATH, `${JSON.stringify(recorded, null, 2)}\n`);
}

/** By family. */
export function quotedFaults(): string {
  const { date, rows } = Recorded.parse(JSON.parse(Deno.readTextFileSync(PATH)));
  return [`Recorded on ${date}:`, table(byFamily(rows)).trimEnd()].join("\n\n");
}
