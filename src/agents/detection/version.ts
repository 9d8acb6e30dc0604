/**
 * Room `agents`: versions of CLIs, compared.
 *
 * @module
 */

/**
 * Below zero when `a` is older than `b`. Only the numbers count; a pre-release (`1.2.0-beta`) is older than its
 * release.
 */
export function compareVersions(a: string, b: string): number {
  const [numbersA, tagA] = split(a);
  const [numbersB, tagB] = split(b);
  for (let index = 0; index < Math.max(numbersA.length, numbersB.length); index++) {
    const difference = (numbersA[index] ?? 0) - (numbersB[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (tagA === tagB) return 0;
  if (tagA === "") return 1;
  if (tagB === "") return -1;
  return tagA < tagB ? -1 : 1;
}

function split(version: string): [number[], string] {
  const [numbers = "", ...tags] = version.replace(/\+.*$/, "").split("-");
  return [numbers.split(".").map((part) => Number.parseInt(part, 10) || 0), tags.join("-")];
}
