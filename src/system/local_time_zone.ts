/**
 * Room `system`: the time zone of the user.
 *
 * @module
 */

/** An IANA name; UTC where the system names none, or `TZ` one that does not exist. */
export function localTimeZone(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions() as { timeZone?: string };
  return timeZone === undefined || timeZone === "Etc/Unknown" ? "UTC" : timeZone;
}
