/**
 * Room `cli`: durations and points in time, as text for people.
 *
 * @module
 */

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** A duration such as `0.4 s`, `12 s`, `3 m 20 s`, `2 h 5 m` or `4 d 1 h`. */
export function durationText(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return pair(whole, MINUTE, "m", 1, "s");
  if (whole < DAY) return pair(whole, HOUR, "h", MINUTE, "m");
  return pair(whole, DAY, "d", HOUR, "h");
}

function pair(seconds: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % big) / small);
  const head = `${Math.floor(seconds / big)} ${bigUnit}`;
  return rest === 0 ? head : `${head} ${rest} ${smallUnit}`;
}

/**
 * The distance of a time from now, such as `just now`, `3 m ago` or `in 2 h`. It has one unit only.
 *
 * @param iso the time in ISO 8601.
 * @param now in epoch ms.
 */
export function distanceText(iso: string, now: number): string {
  const seconds = (now - Date.parse(iso)) / 1_000;
  const distance = Math.abs(seconds);
  if (distance < 5) return "just now";
  const text = distance < MINUTE
    ? `${Math.floor(distance)} s`
    : distance < HOUR
    ? `${Math.floor(distance / MINUTE)} m`
    : distance < 2 * DAY
    ? `${Math.floor(distance / HOUR)} h`
    : `${Math.floor(distance / DAY)} d`;
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}

/** The local time of day, such as `14:05:09`. A text that is not a time is returned unchanged. */
export function clockText(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, "0")).join(":");
}

/**
 * A sentence that says when a job can be tried again after a usage limit.
 *
 * @param iso the end of the limit in ISO 8601.
 * @param now in epoch ms.
 */
export function retryText(iso: string, now: number): string {
  if (Date.parse(iso) <= now) return "It can be tried again now.";
  return `It can be tried again ${distanceText(iso, now)} (at ${clockText(iso)}).`;
}
