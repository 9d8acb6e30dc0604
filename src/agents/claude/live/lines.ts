/**
 * Room `agents`: the lines of Claude Code's control protocol, which stand between those of `stream-json` when its input
 * is `stream-json` too. Seen in 2.1.100 to 2.1.332.
 *
 * @module
 */
import * as z from "zod";

const Arguments = z.record(z.string(), z.unknown()).catch({});

/** Claude Code asks whether a tool may be called. `permission_suggestions` are left out: they outlive the turn. */
export const ToolRequest = z.object({
  subtype: z.literal("can_use_tool"),
  tool_name: z.string(),
  input: Arguments,
  tool_use_id: z.string().catch(""),
  /** Why it asks, in Claude Code's own words, which may hold escape sequences. */
  decision_reason: z.string().optional().catch(undefined),
});
export type ToolRequest = z.infer<typeof ToolRequest>;

/** An MCP server asks something. */
export const ElicitationRequest = z.object({
  subtype: z.literal("elicitation"),
  mcp_server_name: z.string().catch("unknown"),
  message: z.string().catch(""),
  url: z.string().optional().catch(undefined),
  requested_schema: z.unknown().optional(),
});

export const KnownRequest = z.discriminatedUnion("subtype", [ToolRequest, ElicitationRequest]);
export type KnownRequest = z.infer<typeof KnownRequest>;

export const ControlLine = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("control_request"),
    request_id: z.string(),
    request: z.object({ subtype: z.string().catch("") }).loose(),
  }),
  /** Claude Code no longer waits for the answer to a request of its own. */
  z.object({ type: z.literal("control_cancel_request"), request_id: z.string() }),
  /** The answer to a request of ours; with `--replay-user-messages` also the echo of ours to one of its own. */
  z.object({
    type: z.literal("control_response"),
    response: z.object({ request_id: z.string() }),
  }),
  /** What became of a message; only newer versions (2.1.329) tell. */
  z.object({ type: z.literal("command_lifecycle"), command_uuid: z.string(), state: z.string() }),
  /** The echo of a message: from here on the model knows it (`--replay-user-messages`). */
  z.object({ type: z.literal("user"), uuid: z.string(), isReplay: z.literal(true) }),
]);
export type ControlLine = z.infer<typeof ControlLine>;

/** Words of which each of these lines has one; a cheap look before a line is parsed. */
const WORDS = /"control_(?:request|cancel_request|response)"|"command_lifecycle"|"isReplay"/;

export function mayBeControl(line: string): boolean {
  return WORDS.test(line);
}

/** A request of ours. */
export function requestLine(id: string, request: { subtype: string; [member: string]: unknown }): string {
  return JSON.stringify({ type: "control_request", request_id: id, request });
}

/** The answer to a request of Claude Code's. */
export function responseLine(id: string, response: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    type: "control_response",
    response: { subtype: "success", request_id: id, response },
  });
}

export function errorLine(id: string, error: string): string {
  return JSON.stringify({ type: "control_response", response: { subtype: "error", request_id: id, error } });
}

export function messageLine(uuid: string, text: string): string {
  return JSON.stringify({
    type: "user",
    uuid,
    message: { role: "user", content: text },
    parent_tool_use_id: null,
    session_id: "",
  });
}
