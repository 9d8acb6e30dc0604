/**
 * Room `domain`: reasons to doubt a turn that counts as a success.
 *
 * @module
 */
import { type ApprovalPolicy, mayWrite } from "../agent/policy.ts";
import type { Tally } from "./tally.ts";
import type { Verdict } from "./turn.ts";

export const SAID_NOTHING =
  "It ended as if it had done its work, but it said nothing and did nothing that could be seen.";
export const DID_NOTHING = "It said it was done, but changed nothing and ran nothing.";
export const CHANGED_NOTHING = "It said that it had changed files, but no file is another one than before.";
export const STILL_RUNNING = "Commands were still running and were ended.";

export interface TurnEvidence {
  readonly tally: Tally;
  readonly result: string | null;
  readonly policy: ApprovalPolicy;
  /** Whether the agent reports both files and commands. Otherwise a lack of both is no evidence of idleness. */
  readonly tellsAll: boolean;
  /** How many files are other ones than before the turn; `null` where that is not known. */
  readonly onDisk?: number | null;
}

/** The doubts about a successful turn, each in a sentence; empty for any other turn. */
export function doubtsOf(
  verdict: Verdict,
  { tally, result, policy, tellsAll, onDisk = null }: TurnEvidence,
): string[] {
  if (verdict.status !== "done") return [];
  const isSilent = !tally.hasShown && (result === null || result.trim() === "");
  // An agent that may only read is not expected to change anything.
  const isIdle = mayWrite(policy) && tellsAll && !tally.hasActed && (onDisk ?? 0) === 0;
  return [
    ...(isSilent ? [SAID_NOTHING] : isIdle ? [DID_NOTHING] : []),
    ...(onDisk === 0 && tally.files.size > 0 ? [CHANGED_NOTHING] : []),
    ...(tally.commandsEnded > 0 ? [STILL_RUNNING] : []),
  ];
}
