/**
 * Room `mcp`: what every request of revision 2026-07-28 carries beside its params: which revision it is, who asks and
 * what the asker can do. A request that names a revision there is one of that era; all others are of the older one.
 *
 * @module
 */
import { failure, INVALID_PARAMS, isRecord, type RpcFailure, type RpcRequest } from "../json_rpc.ts";
import { MODERN_VERSION } from "../protocol_version.ts";

/** A code that MCP defines: the revision is none of ours. */
export const UNSUPPORTED_VERSION = -32022;
/** A code that MCP defines: the host has not declared what this request needs. */
export const MISSING_CAPABILITY = -32021;

const PREFIX = "io.modelcontextprotocol/";
const VERSION_KEY = `${PREFIX}protocolVersion`;
const CLIENT_KEY = `${PREFIX}clientInfo`;
const CAPABILITIES_KEY = `${PREFIX}clientCapabilities`;
const LOG_LEVEL_KEY = `${PREFIX}logLevel`;
const KEYS: readonly string[] = [VERSION_KEY, CLIENT_KEY, CAPABILITIES_KEY, LOG_LEVEL_KEY];

const LOG_LEVELS: readonly unknown[] = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
];

/** Who sent a request of this era, and what it answers to questions of an earlier one. */
export interface Caller {
  /** `clientInfo.name`, where the host has said it. */
  readonly name: string | undefined;
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** What a person has answered to the questions of an `input_required`, by their keys. */
  readonly inputResponses: Readonly<Record<string, unknown>>;
  /** What came with those questions, as the host has returned it. */
  readonly requestState: unknown;
}

export type EnvelopeReading =
  /** A request of the older era, or one that names no revision. */
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly answer: RpcFailure }
  /** `request` is without the envelope, as the older era would have sent it. */
  | { readonly kind: "modern"; readonly request: RpcRequest; readonly caller: Caller };

export function readEnvelope(request: RpcRequest): EnvelopeReading {
  // A `task` is what the revision before has asked for tasks with.
  const { _meta: meta, inputResponses, requestState, task: _task, ...params } = request.params ?? {};
  if (!isRecord(meta) || !(VERSION_KEY in meta)) return { kind: "none" };
  const version = meta[VERSION_KEY];
  const fault = typeof version === "string" ? null : `${VERSION_KEY} must be a text`;
  if (fault === null && version !== MODERN_VERSION) return refused(unsupported(request, version));
  const problem = fault ?? faultOf(meta);
  if (problem !== null) return refused(failure(request.id, INVALID_PARAMS, `_meta: ${problem}`));
  if (inputResponses !== undefined && !areResponses(inputResponses)) {
    return refused(failure(request.id, INVALID_PARAMS, "inputResponses: must be an object of objects"));
  }
  const client = meta[CLIENT_KEY];
  const capabilities = meta[CAPABILITIES_KEY];
  const kept = Object.entries(meta).filter(([key]) => !KEYS.includes(key));
  return {
    kind: "modern",
    request: {
      ...request,
      params: { ...params, ...(kept.length === 0 ? {} : { _meta: Object.fromEntries(kept) }) },
    },
    caller: {
      name: isRecord(client) && typeof client.name === "string" ? client.name : undefined,
      capabilities: isRecord(capabilities) ? capabilities : {},
      inputResponses: isRecord(inputResponses) ? inputResponses : {},
      requestState,
    },
  };
}

/** The refusal of a request without an envelope from a host that speaks this era. */
export function withoutEnvelope({ id }: RpcRequest): RpcFailure {
  return failure(
    id,
    INVALID_PARAMS,
    `_meta: ${VERSION_KEY} and ${CAPABILITIES_KEY} are required in revision ${MODERN_VERSION}; ` +
      "earlier revisions begin with initialize",
  );
}

/** The refusal of a request that needs an extension which its sender has not declared. */
export function lacksExtension(id: RpcRequest["id"], extension: string): RpcFailure {
  const data = { requiredCapabilities: { extensions: { [extension]: {} } } };
  return failure(id, MISSING_CAPABILITY, "Missing required client capability", data);
}

/** Whether a caller has declared an extension. */
export function hasExtension({ capabilities }: Caller, extension: string): boolean {
  return isRecord(capabilities.extensions) && isRecord(capabilities.extensions[extension]);
}

function areResponses(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every(isRecord);
}

function faultOf(meta: Readonly<Record<string, unknown>>): string | null {
  if (!isRecord(meta[CAPABILITIES_KEY])) return `${CAPABILITIES_KEY} is required, as an object`;
  const client = meta[CLIENT_KEY];
  const isNamed = client === undefined ||
    (isRecord(client) && typeof client.name === "string" && typeof client.version === "string");
  if (!isNamed) return `${CLIENT_KEY} must be an object with name and version`;
  const level = meta[LOG_LEVEL_KEY];
  if (level !== undefined && !LOG_LEVELS.includes(level)) return `${LOG_LEVEL_KEY} is no level of a log`;
  return null;
}

function unsupported({ id }: RpcRequest, requested: unknown): RpcFailure {
  return failure(id, UNSUPPORTED_VERSION, "Unsupported protocol version", {
    supported: [MODERN_VERSION],
    requested,
  });
}

function refused(answer: RpcFailure): EnvelopeReading {
  return { kind: "refused", answer };
}
