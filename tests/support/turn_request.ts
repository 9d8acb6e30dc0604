/**
 * Test support: what a first turn was asked for, with what a test cares about put over it.
 *
 * @module
 */
import type { TurnRequest } from "../../src/domain/turn/turn.ts";

export function turnRequest(over: Partial<TurnRequest> & { job_id: TurnRequest["job_id"] }): TurnRequest {
  return {
    turn: 1,
    origin: "start",
    approval_policy: "suggest",
    model: null,
    timeout_seconds: 60,
    request_key: null,
    cursor: 0,
    created_at: 0,
    ...over,
  };
}
