/**
 * Benchmark: the last recorded table, `recorded.json`, kept in the repository so that a change for the worse is seen.
 *
 * @module
 */
import { z } from "zod";
import { Row } from "./figure.ts";

const PATH = new URL("recorded.json", import.meta.url);

export const Table = z.object({
  /** ISO 8601. */
  date: z.string(),
  command: z.string(),
  version: z.string(),
  machine: z.object({
    cpu: z.string(),
    cores: z.number(),
    memoryGb: z.number(),
    system: z.string(),
    deno: z.string(),
    load: z.number(),
  }),
  families: z.array(z.object({ name: z.string(), rows: z.array(Row) })),
});
export type Table = z.infer<typeof Table>;

/** `null` when nothing has been recorded yet. */
export function readRecorded(): Table | null {
  try {
    return Table.parse(JSON.parse(Deno.readTextFileSync(PATH)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Families that were not measured this time keep what was recorded of them. */
export function record(table: Table): void {
  const measured = new Set(table.families.map((family) => family.name));
  const kept = readRecorded()?.families.filter((family) => !measured.has(family.name)) ?? [];
  const families = [...table.families, ...kept];
  Deno.writeTextFileSync(PATH, `${JSON.stringify({ ...table, families }, null, 2)}\n`);
}
