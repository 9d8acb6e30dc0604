/**
 * Room `domain`: calendar days in a time zone.
 *
 * @module
 */
import type { EpochMs } from "./job/ids.ts";

/** The calendar day of a time, as YYYY-MM-DD. */
export function calendar(timeZone: string): (ms: EpochMs) => string {
  const format = new Intl.DateTimeFormat("en", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  // Formatting is slow for many jobs, so days are cached by quarter hour: no zone's date changes within one.
  const known = new Map<number, string>();
  return (ms) => {
    const quarter = Math.floor(ms / QUARTER_HOUR_MS);
    const day = known.get(quarter) ?? formatted(format, ms);
    known.set(quarter, day);
    return day;
  };
}

const QUARTER_HOUR_MS = 900_000;

function formatted(format: Intl.DateTimeFormat, ms: EpochMs): string {
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  return `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
}

/** The date `days` before `day`, by the calendar: changes of a zone's clocks do not matter. */
export function daysBefore(day: string, days: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, date - days)).toISOString().slice(0, 10);
}
