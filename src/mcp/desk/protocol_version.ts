/**
 * Room `mcp`: the versions of the protocol that this server speaks, newest first.
 *
 * @module
 */

/** The revision without a greeting: each request says of itself what it is. */
export const MODERN_VERSION = "2026-07-28";

/** Those that begin with `initialize`. A test compares these with the SDK's own list. */
export const PROTOCOL_VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;

/** The one revision in which several messages may come in one array; 2025-06-18 dropped that. */
export const BATCH_VERSION = "2025-03-26";

/** The host's version if it is known, else our newest: the host then decides whether it can go on. */
export function agreeOnVersion(asked: unknown): string {
  return PROTOCOL_VERSIONS.find((version) => version === asked) ?? PROTOCOL_VERSIONS[0];
}
