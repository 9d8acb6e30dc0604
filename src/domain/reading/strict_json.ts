/**
 * Room `domain`: JSON for readers that are stricter than JavaScript. It needs no schema, so a front-end can load it
 * before it greets its host.
 *
 * @module
 */

/**
 * As `JSON.stringify`, with U+FFFD for each half of a surrogate pair. Agents that cut a text in the middle of a
 * character leave such halves behind, and strict parsers refuse the whole document for one of them: a host in Rust
 * would never see the answer to its call.
 */
export function strictJson(value: unknown, indent?: number): string {
  // JSON.stringify escapes only lone halves of a pair. The first alternative skips a backslash that is itself escaped.
  return JSON.stringify(value, null, indent).replace(
    /\\(?:\\|ud[89a-f][0-9a-f]{2})/g,
    (escape) => escape === "\\\\" ? escape : "\ufffd",
  );
}
