/**
 * Room `system`: calendar days by the local clock.
 *
 * @module
 */

/** The local calendar day of a time, as YYYY-MM-DD. @param at epoch ms */
export function localDay(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Epoch ms of the first moment of the local day of `at`, or of the day that is `days` later. A day may have 23 or 25 hours. */
export function localMidnight(at: number, days = 0): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}
