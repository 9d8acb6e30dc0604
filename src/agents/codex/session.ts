/**
 * Room `agents`: Codex's sessions, which it calls threads.
 *
 * @module
 */
import type { Failure } from "../../domain/turn/turn.ts";

/** Codex has begun a new thread although it was asked for another, whose conversation it does not know then. */
export function otherSession(asked: string, begun: string): Failure {
  return {
    reason: "agent_error",
    message: `The session was not continued: Codex was asked for ${asked} and began ${begun} instead`,
    hint: "The session is gone from this CODEX_HOME: start a new job and repeat what it needs to know.",
    retry_at: null,
  };
}
