/**
 * Room `system`: what the program has to say about itself. Never to stdout, which belongs to the protocol or the
 * result.
 *
 * @module
 */

export type LogLevel = "debug" | "info" | "warn" | "error";

/** One line of JSON per entry; `fields` are masked where they look like keys. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** A log that nobody reads. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
