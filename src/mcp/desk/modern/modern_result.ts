/**
 * Room `mcp`: an answer of the older era as revision 2026-07-28 has it. Every result says what it is and who gives it;
 * lists and reads say how long they are good for.
 *
 * @module
 */
import { INVALID_PARAMS, isRecord, RESOURCE_NOT_FOUND } from "../json_rpc.ts";

const SERVER_KEY = "io.modelcontextprotocol/serverInfo";

interface CacheHint {
  /** Ms for which a host may keep the answer. */
  readonly ttlMs: number;
  /** Whether it is the same for all users. */
  readonly cacheScope: "public" | "private";
}

/** What does not change as long as this process lives; a host may keep it beyond that, over an update. */
const CONSTANT: CacheHint = { ttlMs: 300_000, cacheScope: "public" };
/** Jobs change at any moment. */
const NEVER: CacheHint = { ttlMs: 0, cacheScope: "private" };

/** The methods whose results have a hint: those that MCP names. */
const CACHE_HINTS: Readonly<Record<string, CacheHint>> = {
  "server/discover": CONSTANT,
  "prompts/list": CONSTANT,
  "resources/templates/list": CONSTANT,
  // It follows the agents that are installed, which are looked for that often.
  "tools/list": { ttlMs: 30_000, cacheScope: "private" },
  "resources/list": NEVER,
  "resources/read": NEVER,
};

/**
 * The result of a request of this era.
 *
 * @param serverInfo who answers.
 */
export function modernResult(
  result: Readonly<Record<string, unknown>>,
  { method, serverInfo }: { readonly method: string; readonly serverInfo: Readonly<Record<string, unknown>> },
): Record<string, unknown> {
  const { resultType = "complete", _meta: meta, content, ...rest } = withoutDropped(result);
  const isComplete = resultType === "complete";
  return {
    resultType,
    // Every result of a call has a `content`; in this era, what is no result of a tool has no such member.
    ...(isComplete && content !== undefined ? { content } : {}),
    ...rest,
    ...(isComplete ? CACHE_HINTS[method] : {}),
    _meta: { ...(isRecord(meta) ? meta : {}), [SERVER_KEY]: serverInfo },
  };
}

/** Without what this era has dropped: a tool of 2025-11-25 says whether it can be a task. */
function withoutDropped(result: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!Array.isArray(result.tools)) return result;
  return { ...result, tools: result.tools.map(({ execution: _execution, ...tool }) => tool) };
}

/** The answer as it comes from the session, a result or an error, in the form of this era. */
export function modernAnswer(
  answer: Readonly<Record<string, unknown>>,
  about: Parameters<typeof modernResult>[1],
): Record<string, unknown> {
  const { result, error } = answer;
  if (isRecord(result)) return { ...answer, result: modernResult(result, about) };
  // This era has no code of its own for a resource that is not there.
  if (isRecord(error) && error.code === RESOURCE_NOT_FOUND) {
    return { ...answer, error: { ...error, code: INVALID_PARAMS } };
  }
  return { ...answer };
}
