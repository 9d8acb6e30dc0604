/**
 * Room `cli`: colour, on a terminal only and never against the user's wish.
 *
 * @module
 */
import type { JobStatus } from "../../domain/job/reason.ts";

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  status(status: JobStatus, text?: string): string;
  red(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** https://no-color.org: any value of NO_COLOR that is not empty means no colour. */
export function styleFor(output: { isTerminal: boolean }, env: Readonly<Record<string, string>>): Style {
  const isPlain = !output.isTerminal || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  const paint = (code: number, end: number) => (text: string) =>
    isPlain || text === "" ? text : `\x1b[${code}m${text}\x1b[${end}m`;
  const colours: Record<JobStatus, (text: string) => string> = {
    pending: paint(33, 39),
    running: paint(36, 39),
    done: paint(32, 39),
    error: paint(31, 39),
    cancelled: paint(35, 39),
  };
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
    // A status of a later version has no colour.
    status: (status, text = status) => Object.hasOwn(colours, status) ? colours[status](text) : text,
  };
}
