/**
 * Room `agents`: members of a JSON value by a dotted name, with `*` for every element of a list.
 *
 * @module
 */

/** The values that `name` leads to, in order; none where something on the way is missing. */
export function membersAt(value: unknown, name: string): unknown[] {
  let found: unknown[] = [value];
  for (const step of name.split(".")) found = found.flatMap((from) => stepInto(from, step));
  return found.filter((member) => member !== undefined && member !== null);
}

/** As {@link membersAt}, as texts: numbers and booleans by their names, objects as JSON; empty ones are left out. */
export function textsAt(value: unknown, name: string): string[] {
  return membersAt(value, name).map((member) =>
    typeof member === "object" ? JSON.stringify(member) : String(member)
  ).filter((text) => text !== "");
}

/** The first whole number at `name` that is not below zero; `null` when there is none. */
export function countAt(value: unknown, name: string | undefined): number | null {
  if (name === undefined) return null;
  const count = Number(textsAt(value, name)[0]);
  return Number.isSafeInteger(count) && count >= 0 ? count : null;
}

function stepInto(value: unknown, step: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (step === "*") return Array.isArray(value) ? value : [];
  // Its own ones alone: a line must not reach what every object has.
  const member: unknown = Object.getOwnPropertyDescriptor(value, step)?.value;
  return [member];
}
