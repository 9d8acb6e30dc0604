/**
 * Room `service`: the frames between a front-end and the daemon, one line of JSON each. Rule of this file: `hello`,
 * `handover` and the errors stay as they are in every protocol, so that any two versions can at least part in peace.
 *
 * @module
 */
import * as z from "zod";
import { diskFault } from "../domain/disk_fault.ts";
import { AgentAsyncError, ERROR_CODES, messageOf } from "../domain/errors.ts";
import { opened } from "../domain/reading/opened.ts";

/** The protocol's version: raised when an older front-end could not work with a newer daemon any more. */
export const PROTOCOL = 2;

/** Bytes of one frame. A prompt of 1,000,000 characters is at most 6 MB of JSON: no honest frame comes near this. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Levels of brackets in one frame: ours have fewer than ten, tool arguments inside events a few more. */
export const MAX_FRAME_DEPTH = 500;

export const ClientHello = z.object({
  protocol: z.number().int(),
  version: z.string(),
  pid: z.number().int(),
  /** The job that the client was started in, as its environment says. */
  job_id: z.string().optional(),
});
export type ClientHello = z.infer<typeof ClientHello>;

export const ServerHello = ClientHello.omit({ job_id: true }).extend({
  /** ISO 8601 UTC. */
  started_at: z.string(),
});
export type ServerHello = z.infer<typeof ServerHello>;

/** `code` is a string here: a newer daemon may know codes that this side does not. */
export const WireError = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() });
export type WireError = z.infer<typeof WireError>;

/** Chosen by the client, never used twice on one connection. */
const CallId = z.number().int().nonnegative();

const HelloFrame = z.object({ hello: ClientHello });
const CancelFrame = z.object({ cancel: CallId });
const CallFrame = z.object({ id: CallId, method: z.string(), params: z.unknown() });
export type CallFrame = z.infer<typeof CallFrame>;

/** Kinds of frames that this version knows, each by the key that only it has. */
const FRAME_KEYS = ["id", "hello", "cancel"];

/** A frame of a kind that a later version has added. It asks for nothing that this one could answer. */
const OtherFrame = z.looseObject({})
  .refine((frame) => Object.keys(frame).length > 0 && !FRAME_KEYS.some((key) => Object.hasOwn(frame, key)))
  .transform(() => ({ other: true as const }));

export const ClientFrame = z.union([CallFrame, CancelFrame, HelloFrame, OtherFrame]);
export type ClientFrame = z.infer<typeof ClientFrame>;

const ServerHelloFrame = z.object({ hello: ServerHello });
const ErrorFrame = z.object({ id: CallId, error: WireError });
const ResultFrame = z.object({ id: CallId, result: z.unknown() });

/** `ErrorFrame` before `ResultFrame`, whose `result` may be anything. */
export const ServerFrame = z.union([ServerHelloFrame, ErrorFrame, ResultFrame, OtherFrame]);
export type ServerFrame = z.infer<typeof ServerFrame>;

const ErrorCode = opened(z.enum(ERROR_CODES));

/** What the other side is told of a failure: of a bug no more than its message, the log has the stack. */
export function toWireError(error: unknown): WireError {
  const expected = error instanceof AgentAsyncError ? error : diskFault(error, "do it");
  if (expected !== null) {
    const { code, message, hint } = expected;
    return hint === undefined ? { code, message } : { code, message, hint };
  }
  return { code: "internal", message: `Unexpected failure in the daemon: ${messageOf(error)}` };
}

/** The same failure on this side, also with a code that only a later version knows. */
export function fromWireError(error: WireError): AgentAsyncError {
  const options = error.hint === undefined ? {} : { hint: error.hint };
  return new AgentAsyncError(ErrorCode.parse(error.code), error.message, options);
}
