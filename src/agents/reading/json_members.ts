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

/** The first whole number at `name`; `null` when there is none. */
export function wholeNumberAt(value: unknown, name: string | undefined): number | null {
  if (name === undefined) return null;
  const [text] = textsAt(value, name);
  const number = Number(text);
  return text !== undefined && Number.isSafeInteger(number) ? number : null;
}

/** The sum of the numbers at `names` that are not below zero; `null` when there is none. */
export function sumAt(value: unknown, names: string | readonly string[] | undefined): number | null {
  if (names === undefined) return null;
  let sum: number | null = null;
  for (const name of typeof names === "string" ? [names] : names) {
    for (const text of textsAt(value, name)) {
      const number = Number(text);
      if (Number.isFinite(number) && number >= 0) sum = (sum ?? 0) + number;
    }
  }
  return sum;
}

function stepInto(value: unknown, step: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (step === "*") return Array.isArray(value) ? value : [];
  // Only own members: a name such as `constructor` must not reach what every object inherits.
  const member: unknown = Object.getOwnPropertyDescriptor(value, step)?.value;
  return [member];
}
