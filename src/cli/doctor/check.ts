/**
 * Room `cli`: the findings of `doctor`. Its checks only look, and change nothing.
 *
 * @module
 */
import { messageOf } from "../../domain/errors.ts";

/** `warn`: it works, but not as well as it could. `broken`: something that a person relies on does not work. */
export type CheckStatus = "ok" | "warn" | "broken";

export interface Check {
  /** The subject of the check, such as `state` or `agent codex`. */
  readonly name: string;
  readonly status: CheckStatus;
  readonly message: string;
  /** Advice for the person, in one sentence. */
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

/** A finding made from an error. An error that has a hint of its own overrides `fix`. */
export function brokenBy(name: string, error: unknown, fix: string): Check {
  const hint = error instanceof Error && "hint" in error && typeof error.hint === "string" ? error.hint : fix;
  return broken(name, messageOf(error), hint);
}
