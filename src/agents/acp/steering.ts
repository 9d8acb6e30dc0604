/**
 * Room `agents`: more for an ACP agent to consider while it works, by an extension that adapters have agreed upon.
 *
 * @module
 */
import * as z from "zod";
import type { Reading } from "../turn_reader.ts";
import type { OwnRequests } from "./own_requests.ts";

const Steering = z.object({ outcome: z.string() });

/** The agent did not take it. */
export function refusedSteer(key: string): Reading {
  return { events: [], steered: [{ key, how: "refused" }] };
}

export function steer(
  requests: OwnRequests,
  { sessionId, key, text }: { sessionId: string; key: string; text: string },
): Reading {
  const params = {
    sessionId,
    prompt: [{ type: "text", text }],
    // Where the turn has just ended, the text is not taken: it is to become the next turn.
    _meta: { steering: { idleBehavior: "promptRequired" } },
  };
  return requests.make(`steer ${key}`, "_session/steering", params, {
    key: `steer ${key}`,
    what: "be steered",
    then: (result) =>
      Steering.safeParse(result).data?.outcome === "injected"
        ? { events: [], steered: [{ key, how: "injected" }] }
        : refusedSteer(key),
    otherwise: () => refusedSteer(key),
  });
}
