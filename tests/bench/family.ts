/**
 * Benchmark: a family of figures that are taken together, and what it is given.
 *
 * @module
 */
import type { Row } from "./figure.ts";
import type { Programs } from "./programs.ts";

export interface Bench {
  readonly isQuick: boolean;
  readonly programs: Programs;
  /** MCP servers that the user named, beside the published ones. */
  readonly peers: Readonly<Record<string, readonly string[]>>;
  /** How often to repeat what is repeated `full` times in a full run: a third of it when in a hurry, never below 5. */
  times(full: number): number;
}

export interface Family {
  readonly name: string;
  /** Yields each row as it is known. */
  measure(bench: Bench): AsyncIterable<Row>;
}
