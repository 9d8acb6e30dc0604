/**
 * Room `agents`: when a usage limit ends, read from an agent's own words. Pure: relative times count from the moment
 * that the caller names.
 *
 * @module
 */

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
};

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const DURATION =
  /(\d+(?:\.\d+)?)\s*(ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)(?![a-z])/gi;
const RELATIVE =
  /\b(?:again|retry|resets?|reset)\s+(?:after|in)\s+(less than a minute|(?:\d+(?:\.\d+)?\s*[a-z]+[\s,]*(?:and\s+)?)+)/i;
const CLOCK = /\b(?:again|resets?|reset)\s+at\s+(\d{1,2}):(\d{2})(?::\d{2})?\s*([ap])\.?m\b/i;
const DATE =
  /\b(?:again|resets?|reset)\s+(?:at|on)\s+([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4}),?\s+(?:at\s+)?(\d{1,2}):(\d{2})\s*([ap])\.?m\b/i;
const ISO = /\b(?:again|resets?|reset)\s+(?:at|on)\s+(\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2}))/i;

/**
 * The time that `text` names after "try again at ...", "try again in ..." or "resets ...".
 *
 * A clock time without a zone is one of this machine's zone, which is how the CLIs print it; one without a date is
 * its next occurrence.
 *
 * @param since epoch ms that relative times count from.
 * @returns epoch ms, or `null` when no time is named or it makes no sense.
 */
export function readRetryTime(text: string, since: number): number | null {
  const iso = ISO.exec(text);
  if (iso !== null) return finite(Date.parse(iso[1] ?? ""));
  const date = DATE.exec(text);
  if (date !== null) {
    const [, month = "", day, year, hour, minute, half = ""] = date;
    const index = MONTHS.indexOf(month.toLowerCase());
    if (index < 0) return null;
    return finite(
      new Date(Number(year), index, Number(day), hour24(Number(hour), half), Number(minute)).getTime(),
    );
  }
  const clock = CLOCK.exec(text);
  if (clock !== null) {
    const [, hour, minute, half = ""] = clock;
    return nextOccurrence(hour24(Number(hour), half), Number(minute), since);
  }
  const relative = RELATIVE.exec(text);
  if (relative !== null) {
    const span = relative[1] ?? "";
    if (span.toLowerCase().startsWith("less than")) return since + 60_000;
    const ms = durationMs(span);
    return ms === null ? null : since + ms;
  }
  return null;
}

/** `5 days 2 hours 3 minutes`, `1h 30m`, `1.5s`: in ms, rounded up; `null` when it names none. */
export function durationMs(text: string): number | null {
  let total: number | null = null;
  for (const [, amount, name = ""] of text.matchAll(DURATION)) {
    const unit = UNIT_MS[name.toLowerCase()] ?? UNIT_MS[name.toLowerCase().replace(/s$/, "")];
    if (unit !== undefined) total = (total ?? 0) + Number(amount) * unit;
  }
  return total === null ? null : finite(Math.ceil(total));
}

function hour24(hour: number, half: string): number {
  return hour % 12 + (half.toLowerCase() === "p" ? 12 : 0);
}

function nextOccurrence(hour: number, minute: number, since: number): number | null {
  if (hour > 23 || minute > 59) return null;
  const day = new Date(since);
  const at = new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour, minute);
  // A limit that ends in the minute it was hit in is named by that minute: the past by less than one is still today.
  if (at.getTime() + 60_000 <= since) at.setDate(at.getDate() + 1);
  return finite(at.getTime());
}

/** Beyond the range of dates, or not a number: nothing that a record could keep. */
function finite(ms: number): number | null {
  return Number.isSafeInteger(ms) && ms >= 0 && ms <= 8.64e15 ? ms : null;
}
