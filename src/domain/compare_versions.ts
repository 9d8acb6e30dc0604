/**
 * Room `domain`: compares two version numbers, of this program or of an agent.
 *
 * @module
 */

/**
 * Below 0 when `a` is older than `b`, above 0 when it is newer, else 0. The order is that of semver.org, for any number
 * of parts. A missing part counts as 0, and build metadata is ignored. Never throws: a text that does not begin with a
 * number is older than every version.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  return compareNumbers(left.numbers, right.numbers) || comparePrereleases(left.prerelease, right.prerelease);
}

/** Agents do not all follow semver.org: letters after the last number (`1.2.3rc1`) are ignored. */
const VERSION = /^v?(\d+(?:\.\d+)*)[^+-]*(?:-([^+]*))?/;

function parse(version: string): { numbers: number[]; prerelease: string[] } {
  const match = VERSION.exec(version.trim());
  if (match === null) return { numbers: [-1], prerelease: [] };
  const [, numbers = "", prerelease] = match;
  return { numbers: numbers.split(".").map(Number), prerelease: prerelease?.split(".") ?? [] };
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A release is newer than its pre-releases; numbers come before words; more parts are newer than fewer. */
function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareParts(part, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareParts(a: string, b: string): number {
  const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (aIsNumber && bIsNumber) return Number(a) - Number(b);
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
