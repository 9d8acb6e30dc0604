/**
 * Room `system`: the interface of the log. A log never writes to stdout, which belongs to the protocol or the result.
 *
 * @module
 */

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Receives log entries. Everything in `message` and `fields` that looks like a key is masked. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** A log that discards every entry. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
