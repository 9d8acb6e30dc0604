/**
 * Benchmark: what a figure is, and what it means that one is worse than another.
 *
 * @module
 */
import { z } from "zod";

/** Units in which more is better. */
const MORE_IS_BETTER: readonly string[] = ["MB/s", "events/s", "starts/s"];

/** A change by this factor in the bad direction is marked. */
export const NOTABLE_RATIO = 1.5;

/** What design.md section 10 allows; in the figure's own unit. */
export const Budget = z.object({ median: z.number().optional(), p95: z.number().optional() });
export type Budget = z.infer<typeof Budget>;

export const Figure = z.object({
  kind: z.literal("figure"),
  /** Unique: figures of two runs are compared by it. */
  name: z.string(),
  unit: z.enum(["ms", "MB", "KB", "MB/s", "events/s", "starts/s", "characters", "% of a core", "times"]),
  median: z.number(),
  /** `null` for a figure that was taken once. */
  p95: z.number().nullable(),
  samples: z.number(),
  budget: Budget.optional(),
  note: z.string().optional(),
});
export type Figure = z.infer<typeof Figure>;

/** Something that could not be measured here: named, never guessed. */
export const Absent = z.object({ kind: z.literal("absent"), name: z.string(), why: z.string() });
export type Absent = z.infer<typeof Absent>;

export const Row = z.discriminatedUnion("kind", [Figure, Absent]);
export type Row = z.infer<typeof Row>;

export interface FigureOptions {
  name: string;
  unit: Figure["unit"];
  budget?: Budget;
  note?: string;
}

/** What a figure was made of, in the order of the runs. */
const SAMPLES = new WeakMap<Figure, readonly number[]>();

/** None for a figure that was read from a file. */
export function samplesOf(figure: Figure): readonly number[] {
  return SAMPLES.get(figure) ?? [];
}

/** @throws {Error} when there are no samples. */
export function figure(samples: readonly number[], { name, unit, budget, note }: FigureOptions): Figure {
  const sorted = [...samples].sort((a, b) => a - b);
  const made: Figure = {
    kind: "figure",
    name,
    unit,
    median: rounded(quantile(sorted, 0.5)),
    p95: samples.length < 2 ? null : rounded(quantile(sorted, isMoreBetter(unit) ? 0.05 : 0.95)),
    samples: samples.length,
    ...(budget === undefined ? {} : { budget }),
    ...(note === undefined ? {} : { note }),
  };
  SAMPLES.set(made, [...samples]);
  return made;
}

export function absent(name: string, why: unknown): Absent {
  return { kind: "absent", name, why: (why instanceof Error ? why.message : String(why)).slice(0, 200) };
}

/** The median of each, divided. */
export function ratio(of: readonly number[], to: readonly number[]): number {
  return quantile([...of].sort((a, b) => a - b), 0.5) / quantile([...to].sort((a, b) => a - b), 0.5);
}

/** The bounds of the middle half, and the median between them. */
export function quartiles(samples: readonly number[]): [low: number, median: number, high: number] {
  const sorted = [...samples].sort((a, b) => a - b);
  return [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)];
}

export function isMoreBetter(unit: Figure["unit"]): boolean {
  return MORE_IS_BETTER.includes(unit);
}

export function isWithinBudget({ unit, median, p95, budget = {} }: Figure): boolean {
  const keeps = (value: number, limit: number | undefined) =>
    limit === undefined || (isMoreBetter(unit) ? value >= limit : value <= limit);
  return keeps(median, budget.median) && (p95 === null || keeps(p95, budget.p95));
}

/** How many times worse `now` is than `before`; below 1 it is better. */
export function timesWorse(now: Figure, before: Figure): number {
  if (now.median === before.median) return 1;
  return isMoreBetter(now.unit) ? before.median / now.median : now.median / before.median;
}

/** Nearest rank. @param sorted ascending */
function quantile(sorted: readonly number[], q: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
  if (value === undefined) throw new Error("Cannot make a figure of no samples");
  return value;
}

/** Three digits that mean something. */
function rounded(value: number): number {
  return Number(value.toPrecision(value >= 1_000 ? Math.ceil(Math.log10(value + 1)) : 3));
}
