/**
 * Room `system`: logs to a file and to stderr. Rule of this file: logging never throws, since a full disk must not stop
 * the program that reports it.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import type { Log, LogLevel } from "./log.ts";
import { maskFields, maskText } from "./mask.ts";

/**
 * Size in bytes at which the log is renamed to `<name>.1`. Both files together stay small enough to attach to a report.
 */
export const LOG_MAX_BYTES = 5 * 1024 * 1024;

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Receives entries that are important enough, already masked. */
interface Sink {
  write(level: LogLevel, message: string, fields: Record<string, unknown>): void;
}

export interface FileLogOptions {
  /** The log file, created with mode 0600. */
  path: string;
  clock: Clock;
  /** The least important level that is written; `info` by default. */
  level?: LogLevel;
  maxBytes?: number;
}

/** A log of one line of JSON per entry. Several processes may write to the same file. */
export function fileLog(options: FileLogOptions): Log {
  const { path, clock, level = "info", maxBytes = LOG_MAX_BYTES } = options;
  return logTo({
    write(entryLevel, message, fields) {
      const time = new Date(clock.now()).toISOString();
      const line = JSON.stringify({ time, level: entryLevel, pid: Deno.pid, message, ...fields });
      rotate(path, maxBytes);
      // The file is opened for each line, since another process may just have renamed it. Entries are rare.
      Deno.writeTextFileSync(path, `${line}\n`, { append: true, create: true, mode: 0o600 });
    },
  }, level);
}

/** A log to stderr, for a terminal or a host's log. Writes `warn` and above by default. */
export function stderrLog(options: { level?: LogLevel } = {}): Log {
  return logTo({
    write(level, message, fields) {
      const details = Object.keys(fields).length === 0 ? "" : ` ${JSON.stringify(fields)}`;
      Deno.stderr.writeSync(new TextEncoder().encode(`agent-async: ${level}: ${message}${details}\n`));
    },
  }, options.level ?? "warn");
}

function logTo(sink: Sink, least: LogLevel): Log {
  const at = (level: LogLevel) => (message: string, fields: Record<string, unknown> = {}) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    try {
      sink.write(level, maskText(message), maskFields(fields));
    } catch {
      // A failure to log cannot be reported anywhere.
    }
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function rotate(path: string, maxBytes: number): void {
  try {
    const { isFile, size } = Deno.statSync(path);
    // An agent may have put a FIFO in the log's place, and opening one without a reader would block for ever.
    if (!isFile) throw new Error(`${path} is no file`);
    if (size >= maxBytes) Deno.renameSync(path, `${path}.1`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
