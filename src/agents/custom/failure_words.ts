/**
 * Room `agents`: recognises failures of an agent of the user's own by the words that its configuration names. Some
 * agents fail their login and end with exit code 0.
 *
 * @module
 */
import type { FailureWords } from "../../domain/agent/custom_agent.ts";
import { plainText } from "../../domain/event/transcript.ts";
import type { Failure } from "../../domain/turn/turn.ts";
import { readRetryTime } from "../reading/retry_time.ts";

/** Most characters of a line that are searched and reported. */
const LINE_CHARS = 2_000;

type Place = "output" | "stderr";

interface Watched {
  readonly pattern: RegExp;
  readonly words: FailureWords;
  readonly retried: RegExp | null;
}

export class FailureWatch {
  readonly #watched: readonly Watched[];
  readonly #startedAt: number;
  /** Of the configured failures that were seen, the one that comes first in the configuration, with its line. */
  #seen: { rank: number; line: string } | null = null;

  /** @param startedAt epoch ms that relative times count from. */
  constructor(failures: readonly FailureWords[], startedAt: number) {
    this.#watched = failures.map((words) => ({
      pattern: new RegExp(words.match, "i"),
      words,
      retried: words.retried === undefined ? null : new RegExp(words.retried, "i"),
    }));
    this.#startedAt = startedAt;
  }

  /** Whether stderr is to be looked at. */
  get readsErrors(): boolean {
    return this.#watched.some(({ words }) => words.in !== "output");
  }

  look(text: string, place: Place): void {
    if (this.#watched.length === 0) return;
    const line = plainText(text.slice(0, LINE_CHARS)).trim();
    if (this.#seen !== null && this.#watched[this.#seen.rank]?.retried?.test(line) === true) {
      this.#seen = null;
    }
    const rank = this.#rank(line, place);
    if (rank >= 0 && (this.#seen === null || rank < this.#seen.rank)) this.#seen = { rank, line };
  }

  /** The failure that was seen so far. */
  get failure(): Failure | null {
    return this.#seen === null ? null : this.#failureOf(this.#seen.rank, this.#seen.line);
  }

  /** The failure that the configured words recognise in `text`; `null` when none matches. */
  failureIn(text: string, place: Place): Failure | null {
    const rank = this.#rank(text, place);
    return rank < 0 ? null : this.#failureOf(rank, text);
  }

  #rank(text: string, place: Place): number {
    return this.#watched.findIndex(({ pattern, words }) =>
      (words.in === "any" || words.in === place) && pattern.test(text)
    );
  }

  #failureOf(rank: number, message: string): Failure | null {
    const words = this.#watched[rank]?.words;
    if (words === undefined) return null;
    return {
      reason: words.reason,
      message,
      hint: words.hint ?? HINTS[words.reason],
      retry_at: words.reason === "quota_exhausted" ? readRetryTime(message, this.#startedAt) : null,
    };
  }
}

const HINTS: Readonly<Record<FailureWords["reason"], string | null>> = {
  auth_required: "Log in to it in a terminal, or set its key in the environment of the host.",
  quota_exhausted: "Its usage limit is reached: wait, or start the job with another agent.",
  agent_error: null,
};
