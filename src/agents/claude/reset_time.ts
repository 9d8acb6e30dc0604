/**
 * Room `agents`: when a Claude usage limit ends, in the forms that Claude Code has given it: epoch seconds after a
 * bar, or a clock time in a named zone.
 *
 * @module
 */
import { readRetryTime } from "../reading/retry_time.ts";

const EPOCH = /limit reached\|(\d{9,11})\b/;
const CLOCK =
  /\bresets?\s+(?:at\s+|on\s+)?(?:([A-Z][a-z]{2})[a-z]*\.?\s+(\d{1,2})(?:,|\s+at|,\s+at)?\s+)?(\d{1,2})(?::(\d{2}))?\s*([ap])m\b(?:\s*\(([A-Za-z0-9_+/-]+)\))?/i;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * @param since epoch ms: a time without a date is its next occurrence from here on.
 * @returns epoch ms, or `null` when no time is named.
 */
export function readResetTime(text: string, since: number): number | null {
  const epoch = EPOCH.exec(text)?.[1];
  if (epoch !== undefined) return Number(epoch) * 1000;
  const clock = CLOCK.exec(text);
  if (clock === null) return readRetryTime(text, since);
  const [, month, day, hour, minute = "0", half = "", zone] = clock;
  const hours = Number(hour) % 12 + (half.toLowerCase() === "p" ? 12 : 0);
  const now = wallTime(since, zone);
  if (now === null || Number(minute) > 59) return null;
  const today = new Date(now);
  const monthIndex = month === undefined ? today.getUTCMonth() : MONTHS.indexOf(month.toLowerCase());
  const date = day === undefined ? today.getUTCDate() : Number(day);
  if (monthIndex < 0) return null;
  let wall = Date.UTC(today.getUTCFullYear(), monthIndex, date, hours, Number(minute));
  // A limit that ends in the minute in which it was hit is named by that minute.
  if (wall + MINUTE_MS <= now) {
    wall = month === undefined
      ? wall + DAY_MS
      : Date.UTC(today.getUTCFullYear() + 1, monthIndex, date, hours, Number(minute));
  }
  return instant(wall, zone);
}

/** The wall clock of `zone` at `at`, as if it were UTC; this machine's zone when none is named; `null`: no such zone. */
function wallTime(at: number, zone: string | undefined): number | null {
  try {
    const parts = new Intl.DateTimeFormat("en-US", {
      ...(zone === undefined ? {} : { timeZone: zone }),
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    }).formatToParts(at);
    const part = (type: string): number => Number(parts.find((candidate) => candidate.type === type)?.value);
    const wall = Date.UTC(
      part("year"),
      part("month") - 1,
      part("day"),
      part("hour"),
      part("minute"),
      part("second"),
    );
    return Number.isFinite(wall) ? wall : null;
  } catch {
    return null;
  }
}

/** The moment at which the wall clock of `zone` shows `wall`. Twice, for a change of the clocks in between. */
function instant(wall: number, zone: string | undefined): number | null {
  let at = wall;
  for (let round = 0; round < 2; round++) {
    const shown = wallTime(at, zone);
    if (shown === null) return null;
    at += wall - shown;
  }
  return at;
}
