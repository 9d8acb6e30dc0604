/**
 * Room `kernel`: cuts long strings in an event, for readers with little room.
 *
 * @module
 */
import type { JobEvent } from "../../domain/event/event.ts";

/** Fields that are never cut: they say which event it is, and the rest cannot be understood without them. */
const KEPT_FIELDS: ReadonlySet<string> = new Set(["seq", "turn", "time", "type", "state"]);

/**
 * The event with every string at any depth cut to `maxChars` characters plus a note of how much is missing. 0 leaves
 * the strings whole.
 */
export function truncateStrings(event: JobEvent, maxChars: number): JobEvent {
  // Nearly every event is short: copying each took a sixth of reading it.
  if (maxChars <= 0 || isShort(event, maxChars)) return event;
  const cut: JobEvent = { ...event };
  for (const [name, value] of Object.entries(event)) {
    if (!KEPT_FIELDS.has(name)) Object.assign(cut, { [name]: truncateValue(value, maxChars) });
  }
  return cut;
}

/** Whether no string in it, at any depth, is longer. */
function isShort(value: unknown, maxChars: number): boolean {
  if (typeof value === "string") return value.length <= maxChars;
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every((item) => isShort(item, maxChars));
}

function truncateValue(value: unknown, maxChars: number): unknown {
  if (typeof value === "string") return truncateText(value, maxChars);
  if (Array.isArray(value)) return value.map((item) => truncateValue(item, maxChars));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, truncateValue(item, maxChars)]),
  );
}

function truncateText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const last = text.charCodeAt(maxChars - 1);
  // Never cuts between the halves of a surrogate pair.
  const kept = last >= 0xd800 && last <= 0xdbff ? maxChars - 1 : maxChars;
  return `${text.slice(0, kept)}... (${text.length - kept} more characters)`;
}
