/**
 * Room `agents`: which agent works when nobody names one. Apart from the list of the built-in agents, so that a command
 * that only needs the name does not load their drivers.
 *
 * @module
 */

/** A built-in agent's name. It has a tool of its own for its start, listed even where no agent was found. */
export const DEFAULT_AGENT = "codex";
