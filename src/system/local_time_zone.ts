/**
 * Room `system`: the time zone of the user.
 *
 * @module
 */

/**
 * The IANA name of the local time zone. UTC when the system names none, or when `TZ` names one that does not exist.
 */
export function localTimeZone(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions() as { timeZone?: string };
  return timeZone === undefined || timeZone === "Etc/Unknown" ? "UTC" : timeZone;
}
