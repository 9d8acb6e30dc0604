/**
 * Room `cli`: what `doctor` finds. Rule of `doctor`: it looks, and changes nothing.
 *
 * @module
 */
import { messageOf } from "../../domain/errors.ts";

/** `warn`: it works, but not as well as it could; `broken`: something that a person relies on does not work. */
export type CheckStatus = "ok" | "warn" | "broken";

export interface Check {
  /** What was looked at: `state`, `agent codex`. */
  readonly name: string;
  readonly status: CheckStatus;
  readonly message: string;
  /** What to do about it, in one sentence. */
  readonly fix?: string;
}

export function ok(name: string, message: string): Check {
  return { name, status: "ok", message };
}

export function warn(name: string, message: string, fix: string): Check {
  return { name, status: "warn", message, fix };
}

export function broken(name: string, message: string, fix: string): Check {
  return { name, status: "broken", message, fix };
}

/** An error as a finding: an expected one brings its own advice. */
export function brokenBy(name: string, error: unknown, fix: string): Check {
  const hint = error instanceof Error && "hint" in error && typeof error.hint === "string" ? error.hint : fix;
  return broken(name, messageOf(error), hint);
}
