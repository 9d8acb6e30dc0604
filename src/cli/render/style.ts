/**
 * Room `cli`: colours, which are used only on a terminal and never against the user's wish.
 *
 * @module
 */
import type { JobStatus } from "../../domain/job/reason.ts";

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  status(status: JobStatus, text?: string): string;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/**
 * The style for an output: without colours when it is not a terminal, when TERM is `dumb`, or when NO_COLOR is set and
 * not empty (https://no-color.org).
 */
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
    green: paint(32, 39),
    red: paint(31, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
    // A status that a later version has added has no colour.
    status: (status, text = status) => Object.hasOwn(colours, status) ? colours[status](text) : text,
  };
}
