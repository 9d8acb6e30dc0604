/**
 * Room `places`: git did not do what it was asked for.
 *
 * @module
 */

/**
 * - `failed`: it ended with a code that is a failure.
 * - `timed_out`, `aborted`: it was ended, after its time or because the caller gave up.
 * - `full`: it was ended because it printed more than it may.
 */
export type GitFailureKind = "failed" | "timed_out" | "aborted" | "full";

export class GitFailure extends Error {
  override readonly name = "GitFailure";
  readonly code: number;
  /** What git printed to standard error; it may hold names of files. */
  readonly errors: string;

  constructor(
    readonly kind: GitFailureKind,
    { command, code, errors }: { command: string; code: number; errors: string },
  ) {
    super(
      `git ${command} ${SAYINGS[kind]}${
        kind === "failed" ? `: ${firstLines(errors) || `exit code ${code}`}` : ""
      }`,
    );
    this.code = code;
    this.errors = errors;
  }
}

const SAYINGS: Readonly<Record<GitFailureKind, string>> = {
  failed: "failed",
  timed_out: "took too long",
  aborted: "was given up",
  full: "printed more than is read",
};

/** Enough to know the cause by. */
const MAX_CHARS = 300;

function firstLines(errors: string): string {
  return errors.trim().split("\n").slice(0, 2).join("; ").slice(0, MAX_CHARS);
}
