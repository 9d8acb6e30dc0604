/**
 * Room `system`: logs to a file and to stderr. A log never throws: a full disk must not stop what it reports on.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import type { Log, LogLevel } from "./log.ts";
import { maskFields, maskText } from "./mask.ts";

/** At this size the log becomes `<name>.1`, so that both together stay small enough to attach to a report. */
export const LOG_MAX_BYTES = 5 * 1024 * 1024;

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Where entries go once they are masked and are important enough. */
interface Sink {
  write(level: LogLevel, message: string, fields: Record<string, unknown>): void;
}

export interface FileLogOptions {
  /** Created with mode 0600. */
  path: string;
  clock: Clock;
  /** The least important level that is kept; `info` unless given. */
  level?: LogLevel;
  maxBytes?: number;
}

/** One line of JSON per entry. Several processes may write to the same file. */
export function fileLog(options: FileLogOptions): Log {
  const { path, clock, level = "info", maxBytes = LOG_MAX_BYTES } = options;
  return logTo({
    write(entryLevel, message, fields) {
      const time = new Date(clock.now()).toISOString();
      const line = JSON.stringify({ time, level: entryLevel, pid: Deno.pid, message, ...fields });
      rotate(path, maxBytes);
      // Opened anew for each line: another process may just have rotated it, and entries are rare.
      Deno.writeTextFileSync(path, `${line}\n`, { append: true, create: true, mode: 0o600 });
    },
  }, level);
}

/** For people at a terminal or a host's log. */
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
      // Nobody is left to tell.
    }
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function rotate(path: string, maxBytes: number): void {
  try {
    const { isFile, size } = Deno.statSync(path);
    // To open a FIFO that an agent has put there would never return.
    if (!isFile) throw new Error(`${path} is no file`);
    if (size >= maxBytes) Deno.renameSync(path, `${path}.1`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
