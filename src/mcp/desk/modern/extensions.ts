/**
 * Room `mcp`: the extensions of revision 2026-07-28 that this server knows, and which requests need one.
 *
 * @module
 */

/** A job is a task: SEP-2663. */
export const TASKS_EXTENSION = "io.modelcontextprotocol/tasks";

/** The extension that a method belongs to. */
export const EXTENSION_OF: Readonly<Record<string, string>> = {
  "tasks/get": TASKS_EXTENSION,
  "tasks/update": TASKS_EXTENSION,
  "tasks/cancel": TASKS_EXTENSION,
};
