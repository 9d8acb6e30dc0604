/**
 * Room `mcp`: structured content without what says nothing: every key is paid for by a model.
 *
 * @module
 */

/** The members that have a value. */
export function present(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined && value !== null),
  );
}
