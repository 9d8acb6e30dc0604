/**
 * Room `domain`: what makes an outcome doubtful that is a success by the agent's own word.
 *
 * @module
 */
import type { Tally } from "./tally.ts";
import type { Verdict } from "./turn.ts";

export const SAID_NOTHING =
  "It ended as if it had done its work, but it said nothing and did nothing that could be seen.";

/** The doubts about a turn, each in a sentence. */
export function doubtsOf(
  verdict: Verdict,
  { tally, result }: { tally: Tally; result: string | null },
): string[] {
  const isSilent = !tally.hasShown && (result === null || result.trim() === "");
  return verdict.status === "done" && isSilent ? [SAID_NOTHING] : [];
}
